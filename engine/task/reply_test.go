package task_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"

	"errand/engine/task"
)

// Codes has every code of this package, in the order of the source.
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
		t.Errorf("Codes returns %q, but the package has %q", got, want)
	}
}

func TestAsUnknown(t *testing.T) {
	known := &task.Failure{Code: "x"}
	if unknown, ok := errors.AsType[*task.Failure](task.AsUnknown(fmt.Errorf("looking: %w", known))); !ok || !unknown.Unknown || unknown.Code != "x" || known.Unknown {
		t.Errorf("got %+v of %+v", unknown, known)
	}
	if other := errors.New("other"); task.AsUnknown(other) != other {
		t.Error("an error that is not a failure is changed")
	}
}
