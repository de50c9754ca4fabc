package intake

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/library"
	"errand/engine/local"
	"errand/engine/task"
	"errand/tasks"
	"errand/tasks/ism"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

const greetRules = `version: 1
source: ism
every: 1s
rules:
  - name: greet
    workflow: greet
    if: ticket.type == "Service Request" && ticket.categorization == "Cloud >> Greet"
    with:
      who: ${{ ticket.custom_attributes["Who"] ?? "" }}
`

const greetWorkflow = `workflow: greet
inputs:
  who: {type: string, pattern: "^[A-Z]"}
steps:
  - task: ism.add_worklog
    with: {ticket: "${{ request.id }}", text: "Hello ${{ inputs.who }}", client_viewable: true}
  - task: ism.close_service_request
    with: {ticket: "${{ request.id }}"}
`

// A site is a sandbox behind a listener, a home and an intake file.
type site struct {
	*rig
	box      *sandbox.Sandbox
	registry *task.Registry
	source   *Source
	connect  task.Connector
	home     string
}

func newSite(t *testing.T) *site {
	box, err := sandbox.New([]byte(`{"tickets":[],"instances":[],"assets":[]}`), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	env := task.Environment{Credentials: tasktest.Store{
		"app_url": server.URL + "/ism", "user_auth_token": "canary-token", "slice_token": "canary-slice",
		"webservice_user_name": "errand", "webservice_user_password": "canary-password",
	}}
	s := &site{rig: newRig(t), box: box, registry: tasks.Registry(env), connect: ism.Connector(env), home: t.TempDir()}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "greet.yaml"), []byte(greetWorkflow), 0o600); err != nil {
		t.Fatal(err)
	}
	source, problems := Loader{Registry: s.registry, Library: library.Library{Folder: folder}}.Load(filepath.Join(folder, "intake.yaml"), []byte(greetRules))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s.source = source
	return s
}

// add opens a service request.
func (s *site) add(who string) string {
	s.t.Helper()
	id, err := s.box.AddTicket(map[string]any{
		"Categorization": "Cloud >> Greet", "RequesterUserName": "dana", "RequestedForUserName": "Kim",
		"CustomAttributes": []any{map[string]any{"name": "Who", "value": who}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// open opens the home, as a new process. wrap may be nil.
func (s *site) open(wrap func(journal.Journal) journal.Journal) (r *local.Runner, p *poll, end func()) {
	s.t.Helper()
	j, err := journal.Open(s.t.Context(), s.home)
	if err != nil {
		s.t.Fatal(err)
	}
	r = &local.Runner{Journal: j, Registry: s.registry, About: "test"}
	if wrap != nil {
		r.Journal = wrap(j)
	}
	note, err := NoteProgram(s.registry)
	if err != nil {
		s.t.Fatal(err)
	}
	p = &poll{clerk: &Clerk{Taker: r, Pauses: j, Note: note, NewRun: s.newRun, Watch: Watch{Outcome: s.tell}}}
	return r, p, func() {
		if err := errors.Join(r.Close(), j.Close()); err != nil {
			s.t.Error(err)
		}
	}
}

// work carries on all runs, in a new process.
func (s *site) work() {
	s.t.Helper()
	r, _, end := s.open(nil)
	defer end()
	if err := r.Work(s.t.Context(), true, nil); err != nil {
		s.t.Fatal(err)
	}
}

// worklogs returns the texts of a ticket's worklogs, each with who can see it.
func (s *site) worklogs(id string) []string {
	var texts []string
	for _, t := range s.box.State().Tickets {
		for _, l := range t.Worklogs {
			if t.ID == id {
				texts = append(texts, l.ClientViewable+" "+l.Text)
			}
		}
	}
	return texts
}

// From a ticket in the sandbox to its worklog: rules, runs and notes, over HTTP and in a file.
func TestIntakeOfTheSandbox(t *testing.T) {
	s := newSite(t)
	good, bad, none := s.add("Dana"), s.add("dana"), s.add("")
	r, p, end := s.open(nil)
	for range 3 {
		if err := p.pass(t.Context(), s.source.Feed(s.connect.Desk)); err != nil {
			t.Fatal(err)
		}
	}
	views, err := r.List(t.Context(), engine.Query{Request: good, Owners: []string{"person:" + engine.FoldName("kim")}})
	if err != nil || len(views) != 1 || views[0].StartedBy != engine.StartedByIntake || !slices.Equal(views[0].Requesters, []string{"dana", "Kim"}) {
		t.Errorf("the runs are %+v, %v", views, err)
	}
	end()
	if got, want := s.told(), good+" started, "+bad+" unfit, "+none+" unfit"; got != want {
		t.Errorf("told %s, want %s", got, want)
	}
	s.work()
	if got := s.worklogs(good); len(got) != 1 || !strings.HasPrefix(got[0], "true ") || !strings.Contains(got[0], "Hello Dana") {
		t.Errorf("worklogs of %s: %q", good, got)
	}
	for _, id := range []string{bad, none} {
		got := s.worklogs(id)
		if len(got) != 1 || !strings.HasPrefix(got[0], "false ") {
			t.Fatalf("worklogs of %s: %q", id, got)
		}
		for _, want := range []string{"Intake did not start the workflow greet", "Rule: greet", "- who: ", "The request stays open."} {
			if !strings.Contains(got[0], want) {
				t.Errorf("the note lacks %q:\n%s", want, got[0])
			}
		}
		if strings.Contains(got[0], "canary") {
			t.Errorf("the note contains a secret:\n%s", got[0])
		}
	}
	if err := s.box.EditTicket(bad, map[string]any{"CustomAttributes": map[string]any{"Who": "Kim"}}); err != nil {
		t.Fatal(err)
	}
	_, p, end = s.open(nil)
	if err := p.pass(t.Context(), s.source.Feed(s.connect.Desk)); err != nil {
		t.Fatal(err)
	}
	end()
	s.work()
	if got := s.worklogs(bad); len(got) != 2 || !strings.Contains(got[1], "Hello Kim") {
		t.Errorf("worklogs of %s after it was mended: %q", bad, got)
	}
	if got := s.told(); got != bad+" started" {
		t.Errorf("told %s", got)
	}
}

// A journal whose process is killed at one of its writes, before or after it.
type killedJournal struct {
	journal.Journal
	left  *int
	after bool
	dead  bool
}

func (k *killedJournal) Take(ctx context.Context, t journal.Taking) error {
	if *k.left--; k.dead || *k.left >= 0 {
		if k.dead {
			return journal.ErrMoved
		}
		return k.Journal.Take(ctx, t)
	}
	k.dead = true
	if k.after {
		_ = k.Journal.Take(ctx, t)
	}
	return journal.ErrMoved // anything but a failure of the store, which would be tried again
}

// A process is killed at each of its writes, before and after it, while a person edits tickets. In the
// end each ticket has one run, and at most one note.
func TestKilledAtEachWrite(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := range 4 {
			t.Run(fmt.Sprintf("write %d, after it: %t", n, after), func(t *testing.T) {
				s := newSite(t)
				var all []string
				pass := func(left int) {
					_, p, end := s.open(func(j journal.Journal) journal.Journal {
						return &killedJournal{Journal: j, left: &left, after: after}
					})
					_ = p.pass(t.Context(), s.source.Feed(s.connect.Desk)) // the process may be killed
					end()
				}
				for i := range 4 {
					all = append(all, s.add([]string{"Dana", "dana"}[i%2]))
					pass(n)
				}
				for _, id := range all {
					if err := s.box.EditTicket(id, map[string]any{"CustomAttributes": map[string]any{"Who": "Kim"}}); err != nil {
						t.Fatal(err)
					}
				}
				pass(n)
				pass(100)
				r, _, end := s.open(nil)
				defer end()
				views, err := r.List(t.Context(), engine.Query{})
				if err != nil {
					t.Fatal(err)
				}
				runs, notes := map[string]int{}, map[string]int{}
				for _, v := range views {
					if v.Workflow == NoteWorkflow {
						notes[v.Request]++
					} else {
						runs[v.Request]++
					}
				}
				for _, id := range all {
					if runs[id] != 1 || notes[id] > 1 {
						t.Errorf("ticket %s has %d runs and %d notes", id, runs[id], notes[id])
					}
				}
			})
		}
	}
}
