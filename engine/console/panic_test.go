package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"errand/engine/access"
	"errand/engine/service"
)

// A page that panics is answered with a page that says so, and the next request goes on.
func TestPanickingPage(t *testing.T) {
	b := newBench(t, setting{})
	b.console.Test = func(context.Context, service.Client, string) ([]byte, error) { panic("a secret detail") }
	admin := b.signedIn(b.as("admin", access.Admin))
	a := admin.get("/runs/nothing/test")
	if a.status != http.StatusInternalServerError || strings.Contains(a.text, "a secret detail") || !strings.Contains(a.text, "could not be carried out") {
		t.Errorf("the page is %d %s", a.status, a.text)
	}
	if a := admin.get("/runs"); a.status != http.StatusOK {
		t.Errorf("the next page is %d", a.status)
	}
}
