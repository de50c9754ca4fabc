package task_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"errand/engine/task"
)

// Every code that this package names is in the list for people, in the order of the source.
func TestEveryCodeIsListed(t *testing.T) {
	source, err := os.ReadFile("reply.go")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^\tCode\w+ += "(\w+)"`).FindAllSubmatch(source, -1) {
		want = append(want, string(m[1]))
	}
	for _, c := range task.Codes() {
		got = append(got, c.Code)
	}
	if len(want) < 8 || !slices.Equal(got, want) {
		t.Errorf("listed are %q, and there are %q", got, want)
	}
}
