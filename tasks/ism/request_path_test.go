package ism

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"errand/engine/schema"
	"errand/engine/task"
)

// pathRule returns the rule about the path of a request.
func pathRule(t *testing.T) task.Rule {
	for _, r := range request(nil).Rules {
		if len(r.Parameters) == 1 && r.Parameters[0] == "path" {
			return r
		}
	}
	t.Fatal("ism.request has no rule about its path")
	return task.Rule{}
}

// refusalOf returns why the rule refuses a path with stand-ins between pieces.
func refusalOf(rule task.Rule, pieces []string) *task.Breach {
	path := pieces[0]
	for i, piece := range pieces[1:] {
		standIn := rule.StandIns[1]
		if path == "" {
			standIn = rule.StandIns[0]
		}
		path += standIn + strconv.Itoa(i+1) + piece
	}
	return rule.Breach(map[string]json.RawMessage{"path": schema.Encode(path)})
}

// A path of which only pieces are known is refused only if the call refuses it whatever the rest is.
func TestPiecesOfAPath(t *testing.T) {
	rule := pathRule(t)
	for pieces, refused := range map[string]bool{
		"Ticket/*": true, "/Ticket/*?x=1": true, "/Ticket//*": true, "/Ticket/*/": true, "*/": true, "*/../*": true, "/a/./*": true,
		"/Ticket/*": false, "*": false, "**": false, "*x": false, "*/a/*": false, "/a/.*": false, "/*.": false,
	} {
		if reason := refusalOf(rule, strings.Split(pieces, "*")); (reason != nil) != refused {
			t.Errorf("%s: got %v", pieces, reason)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	word := func() string {
		var b strings.Builder
		for range r.IntN(4) {
			b.WriteByte("/a.?"[r.IntN(40)/13])
		}
		return b.String()
	}
	accepted := 0
	for range 20000 {
		path := word()
		pieces := []string{path}
		for range r.IntN(3) {
			pieces = append(pieces, word())
			path += word() + pieces[len(pieces)-1]
		}
		if rule.Breach(map[string]json.RawMessage{"path": schema.Encode(path)}) != nil {
			continue
		}
		if accepted++; refusalOf(rule, pieces) != nil {
			t.Fatalf("%q is accepted, and its pieces %q never", path, pieces)
		}
	}
	if accepted < 500 {
		t.Errorf("only %d paths were accepted", accepted)
	}
}
