package console_test

import (
	"net/http"
	"strings"
	"testing"

	"errand/engine/access"
)

// A page says that a run failed only if it did: nobody knows that of an uncertain one.
func TestOnlyFailedRunsAreSaidToHaveFailed(t *testing.T) {
	b := newBench(t, setting{})
	desk := b.as("desk", access.Requester)
	cast := b.cast(desk, "100")
	olga := b.signedIn(b.as("olga", access.Operator))
	for run, failed := range map[string]bool{cast.succeeded: false, cast.failed: true, cast.asking: false, cast.uncertain: false, cast.polling: false} {
		page := olga.get("/runs/" + run)
		if said := strings.Contains(page.text, "Failed at step"); page.status != http.StatusOK || said != failed {
			t.Errorf("run %s (%+v) is said to have failed: %t", run, cast, said)
		}
	}
	if page := olga.get("/runs/" + cast.uncertain); !strings.Contains(page.text, "nobody knows whether step") || !strings.Contains(page.text, "take effect?") {
		t.Errorf("the page of an uncertain run does not say so: %s", page.text)
	}
	for row := range strings.SplitSeq(olga.get("/runs").text, "<tr>") {
		if strings.Contains(row, "/runs/"+cast.uncertain+`"`) && !strings.Contains(row, "nobody knows whether step") {
			t.Errorf("the list says of an uncertain run: %s", row)
		}
	}
}

// Each page that shows an uncertain run says that it was cancelled, by whom, and that nothing is sent again.
func TestCancelledUncertainRun(t *testing.T) {
	b := newBench(t, setting{})
	cast := b.cast(b.as("desk", access.Requester), "100")
	olga := b.signedIn(b.as("olga", access.Operator))
	if page := olga.post("/runs/"+cast.uncertain+"/cancel", nil); page.status >= http.StatusBadRequest {
		t.Fatalf("the run is not cancelled: %d %s", page.status, page.text)
	}
	for path, want := range map[string]string{
		"/": "The run was cancelled by olga, and ends when this is decided.", "/runs": "the run was cancelled by olga, and ends when that is decided", "/runs/" + cast.uncertain: "the run was cancelled by olga, and ends when that is decided",
		"/runs/" + cast.uncertain + "/questions/act": "its request is not sent again; the run then ends as cancelled",
	} {
		text := strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(olga.get(path).text)
		if !strings.Contains(text, want) || strings.Contains(text, "send it again") || strings.Contains(text, "What follows if the run goes on") {
			t.Errorf("%s does not say %q: %s", path, want, text)
		}
	}
}

// A retry is offered to operators, of a run that can be retried, with what it keeps and does again.
func TestRetryPage(t *testing.T) {
	b := newBench(t, setting{})
	cast := b.cast(b.as("desk", access.Requester), "100")
	olga := b.signedIn(b.as("olga", access.Operator))
	page := olga.get("/runs/" + cast.failed + "/retry")
	kept, again, found := strings.Cut(page.text, "Carried out again")
	if page.status != http.StatusOK || !found || !strings.Contains(again, "Retry the run") || !strings.Contains(kept, "Kept, not sent again") {
		t.Fatalf("the page is %d %s", page.status, page.text)
	}
	for _, run := range []string{cast.succeeded, cast.asking} {
		if page := olga.get("/runs/" + run + "/retry"); page.status != http.StatusConflict || strings.Contains(page.text, `<button class="main">Retry`) {
			t.Errorf("the retry of a run that cannot be retried is offered: %d %s", page.status, page.text)
		}
	}
	lena := b.signedIn(b.as("lena", access.Approver))
	if page := lena.get("/runs/" + cast.failed + "/retry"); strings.Contains(page.text, `<button class="main">Retry`) {
		t.Error("the retry is offered to an approver")
	}
}
