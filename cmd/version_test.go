package cmd

import (
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
)

// The version tells the commit, whether it was changed, and if nobody knows the commit.
func TestVersionTellsTheCommit(t *testing.T) {
	commit := "0123456789abcdef0123456789abcdef01234567"
	settings := []debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: "true"}}
	for _, c := range []struct {
		info *debug.BuildInfo
		text string
		json string
	}{
		{&debug.BuildInfo{Settings: settings}, ", commit 0123456789ab with changes, go1.", `"commit":"` + commit + `","modified":true`},
		{&debug.BuildInfo{Settings: settings[:1]}, ", commit 0123456789ab, go1.", `"commit":"` + commit + `","modified":false`},
		{&debug.BuildInfo{}, ", commit unknown, go1.", `"commit":"","modified":false`},
		{nil, ", commit unknown, go1.", `"commit":"","modified":false`},
	} {
		is := builtFrom(c.info)
		if !strings.Contains(is.String(), c.text) {
			t.Errorf("%+v: got %q, want %q in it", c.info, is, c.text)
		}
		text, err := json.Marshal(is)
		if err != nil || !strings.Contains(string(text), c.json) || !strings.Contains(string(text), `{"version":1,"errand":"`) {
			t.Errorf("%+v: got %s, want %s in it", c.info, text, c.json)
		}
	}
}
