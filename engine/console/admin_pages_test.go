package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/program"
	"errand/engine/task"
)

// sessionID returns the id of a browser's session.
func (v *visitor) sessionID() string {
	v.Helper()
	hash, ok := access.SessionHashOf(v.cookies("/")[cookieName])
	if !ok {
		v.Fatal("the browser has no session")
	}
	s, err := v.store.FindSession(v.Context(), hash)
	if err != nil {
		v.Fatal(err)
	}
	return s.ID
}

// Everybody sees and ends their own sessions only, and administrators all.
func TestSessionsPage(t *testing.T) {
	o := openOffice(t)
	ada, kim, ole := o.signedIn("ada", access.Admin), o.signedIn("kim", access.Approver), o.signedIn("ole", access.Operator)
	kim.get("/sessions").want(http.StatusOK).says("this one", "the token kim").hides("the token ole", "the token ada", ole.sessionID())
	ada.get("/sessions").want(http.StatusOK).says("this one", "the token kim", "the token ole", "the token ada").hides(kim.cookies("/")[cookieName])

	ends := func(v *visitor) string { return "/sessions/" + v.sessionID() + "/end" }
	kim.post(ends(ole)).want(http.StatusNotFound).says("there is no such session")
	kim.post("/sessions/0123456789abcdef/end").want(http.StatusNotFound).says("there is no such session")
	ole.get("/sessions").want(http.StatusOK)

	of := ole.sessionID()
	if to := ada.post(ends(ole)).want(http.StatusSeeOther).Header.Get("Location"); to != "/sessions" {
		t.Errorf("it goes on to %q", to)
	}
	ole.get("/sessions").want(http.StatusSeeOther)
	ada.get("/sessions").want(http.StatusOK).hides("the token ole")
	ada.post("/sessions/" + of + "/end").want(http.StatusNotFound)

	own := kim.sessionID()
	if to := kim.post(ends(kim)).want(http.StatusSeeOther).Header.Get("Location"); to != "/sign-in" {
		t.Errorf("it goes on to %q", to)
	}
	if kim.cookies("/")[cookieName] != "" {
		t.Error("the browser keeps its cookie")
	}
	ada.post("/sign-out").want(http.StatusSeeOther)
	ada.get("/sessions").want(http.StatusSeeOther)
	log := o.entries()
	for _, entry := range []string{"ada session.end session " + of + " of ole: another program\n", "kim session.end session " + own + " of kim: another program\n", " of ada: another program\n"} {
		if !strings.Contains(log, entry) {
			t.Errorf("the audit log has no %q:\n%s", entry, log)
		}
	}
	if n := strings.Count(log, "session.end"); n != 3 {
		t.Errorf("the audit log has %d ends:\n%s", n, log)
	}
}

// A session whose token was revoked is not listed: nobody is signed in there.
func TestSessionsOfRevokedTokens(t *testing.T) {
	o := openOffice(t)
	ada := o.signedIn("ada", access.Admin)
	o.signedIn("kim", access.Approver)
	if err := o.store.RevokeToken(t.Context(), "kim", o.now()); err != nil {
		t.Fatal(err)
	}
	ada.get("/sessions").want(http.StatusOK).says("the token ada").hides("the token kim")
	ada.get("/tokens").want(http.StatusOK).says("revoked kim approver")
}

func TestSessionIsNotEndedIfItCannotBeAudited(t *testing.T) {
	o := openOffice(t)
	broken := &brokenAudit{Audit: o.audit}
	o.Service.Audit = broken
	kim := o.signedIn("kim", access.Approver)
	broken.err = errors.New("the disk is full")
	kim.post("/sessions/" + kim.sessionID() + "/end").want(http.StatusServiceUnavailable)
	kim.get("/sessions").want(http.StatusOK)
}

// A brokenAudit adds nothing once it has an error.
type brokenAudit struct {
	access.Audit
	err error
}

func (b *brokenAudit) Append(ctx context.Context, e access.Entry) (access.Entry, error) {
	if b.err != nil {
		return e, b.err
	}
	return b.Audit.Append(ctx, e)
}

// Pages for administrators answer nobody else.
func TestAdminPagesAreForAdmins(t *testing.T) {
	o := openOffice(t)
	v := o.signedIn("kim", access.Requester, access.Approver, access.Operator, access.Designer, access.Monitor)
	for _, page := range []string{"/tokens", "/audit", "/credentials"} {
		v.get(page).want(http.StatusForbidden).says("ask an administrator")
	}
	v.post("/about/check").want(http.StatusForbidden)
}

func TestTokensPage(t *testing.T) {
	o := openOffice(t)
	ada := o.signedIn("ada", access.Admin)
	now := o.now().UTC()
	secret := o.addToken(access.Token{Name: "desk", Roles: []access.Role{access.Requester}, Workflows: []string{"start", "<b>"}, Created: now, Expires: now.Add(14 * 24 * time.Hour)})
	o.addToken(access.Token{Name: "late", Roles: []access.Role{access.Monitor}, Created: now, Expires: now.Add(15 * 24 * time.Hour)})
	o.addToken(access.Token{Name: "gone", Roles: []access.Role{access.Monitor}, Created: now.Add(-time.Hour), Expires: now.Add(-time.Minute)})
	hash, _ := access.HashOf(secret)
	page := ada.get("/tokens").want(http.StatusOK).says(
		"errand serve token add NAME", "errand serve token revoke NAME",
		"valid ada admin ada all", "expires soon desk requester a program start, <b>", "Make another one in time",
		"valid late monitor a program none", "expired gone monitor",
	).hides(secret, fmt.Sprintf("%x", hash))
	if strings.Count(page.words(), "Make another one") != 1 {
		t.Error("only one token expires soon")
	}
	if words := page.words(); strings.Index(words, "expired gone") < strings.Index(words, "valid late") {
		t.Error("the tokens that can be used are not first")
	}
}

// The pages of the audit log have each entry once, the newest first.
func TestAuditPage(t *testing.T) {
	o := openOffice(t)
	ada := o.signedIn("ada", access.Admin)
	for i := 2; i <= 120; i++ { // the first entry is the sign-in
		e := access.Entry{At: o.now(), Token: "desk", Action: "run.start", Detail: "number " + strconv.Itoa(i)}
		if i%40 == 0 {
			e.Token, e.Person, e.Action, e.Run = "", "Ole <b>", "run.cancel", "2gi7i4khitvjmsac"
		}
		if _, err := o.audit.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	detail := aboutOf(`{"request":"100-2","workflow":"start <b>","step":""}`)
	if detail != "request 100-2, workflow start <b>" || aboutOf("no JSON: {") != "no JSON: {" {
		t.Errorf("the detail is %q", detail)
	}
	next := func(a answered) string {
		_, rest, _ := strings.Cut(a.text, `rel="next" href="`)
		href, _, _ := strings.Cut(rest, `"`)
		return strings.ReplaceAll(href, "&amp;", "&")
	}
	at, want := "/audit", 120
	for _, size := range []int{50, 50, 20} {
		page := ada.get(at).want(http.StatusOK).says("The log has 120 entries", "errand serve audit verify")
		if rows := strings.Count(page.text, `data-head="Number"`); rows != size {
			t.Errorf("%s has %d entries", at, rows)
		}
		for last := want - size; want > last; want-- {
			if !strings.Contains(page.text, fmt.Sprintf(`data-head="Number">%d<`, want)) {
				t.Errorf("%s has no entry %d", at, want)
			}
		}
		at = next(page)
	}
	if at != "" {
		t.Errorf("there are older entries at %q", at)
	}
	found := ada.get("/audit?who=+ole+%3Cb%3E&action=run.cancel").want(http.StatusOK).says("number 120", "number 80", "number 40", "Ole <b> at the command line", "cancel a run").hides("number 119")
	if rows := strings.Count(found.text, `data-head="Number"`); rows != 3 || next(found) != "" {
		t.Errorf("%d entries are found", rows)
	}
	ada.get("/audit?who=nobody").want(http.StatusOK).says("There are no such entries")
	ada.get("/audit?before=51").want(http.StatusOK).says("number 50", "The newest entries").hides("number 51")
	for _, odd := range []string{"0", "-1", "999", "x", "99999999999999999999"} {
		ada.get("/audit?before=" + odd).want(http.StatusOK).says("number 120")
	}
}

// A search that finds nothing gives up after a while, and says so.
func TestAuditSearchIsLimited(t *testing.T) {
	long := &longAudit{length: 3 * mostEntries}
	o := openOffice(t, func(c *Config) { c.Audit = long })
	ada := o.signedIn("ada", access.Admin)
	rest := strconv.Itoa(2*mostEntries + 1)
	page := ada.get("/audit?who=nobody").want(http.StatusOK).says("There are no such entries here", "before number "+rest+" were not looked at")
	if !strings.Contains(page.text, `href="/audit?before=`+rest+`&amp;who=nobody"`) {
		t.Errorf("the search does not go on:\n%s", page.text)
	}
	if long.read != mostEntries {
		t.Errorf("%d entries were read", long.read)
	}
}

// A longAudit has many entries.
type longAudit struct {
	access.Audit
	length, read int
}

func (l *longAudit) Length(context.Context) (int64, error) { return int64(l.length), nil }

func (l *longAudit) Entries(_ context.Context, after int64, limit int) ([]access.Entry, error) {
	l.read += limit
	entries := make([]access.Entry, limit)
	for i := range entries {
		entries[i] = access.Entry{Seq: after + 1 + int64(i), Action: "run.start"}
	}
	return entries, nil
}

// All actions of the HTTP interface and of the commands have words.
func TestActionsHaveWords(t *testing.T) {
	o := openOffice(t)
	var document struct {
		Paths map[string]map[string]struct {
			Action string `json:"operationId"`
		} `json:"paths"`
	}
	client := o.Service.Client(access.Token{Name: "ada", Roles: []access.Role{access.Admin}})
	if err := client.Call(t.Context(), http.MethodGet, "/v1/openapi.json", nil, nil, &document); err != nil {
		t.Fatal(err)
	}
	actions := []string{access.ActionTokenAdd, access.ActionTokenRevoke, access.ActionPause, access.ActionUnpause, access.ActionRotate}
	for _, path := range document.Paths {
		for _, operation := range path {
			actions = append(actions, operation.Action)
		}
	}
	if len(actions) < 15 {
		t.Fatalf("the actions are %v", actions)
	}
	for _, action := range actions {
		if actionWords[action] == "" {
			t.Errorf("the action %q has no words", action)
		}
	}
}

func TestCredentialsPage(t *testing.T) {
	ready := func(_ context.Context, name string) error {
		if name == "broken" {
			return &task.Failure{Code: task.CodeCredential, Local: true, Message: "the role <arn> is missing"}
		}
		return nil
	}
	parameters := []task.Parameter{{Name: "secret", Encrypted: true}}
	at := time.Now().Add(-time.Hour)
	o := openOffice(t, func(c *Config) {
		c.Registry = task.NewRegistry(
			task.Connector{Name: "cloud", Title: "A cloud", Credential: parameters, Ready: ready, Types: []task.Type{{Name: "cloud.start"}}},
			task.Connector{Name: "hook", Title: "Hooks", Credential: parameters},
			task.Connector{Name: "plain", Title: "Without credentials"},
		)
		c.Workflows = flows{
			"start": {Credentials: []program.Credential{{Connector: "cloud", Name: "default"}, {Connector: "cloud", Name: "broken"}}},
			"stop":  {Credentials: []program.Credential{{Connector: "cloud", Name: "default"}, {Connector: "cloud", Name: "nowhere"}}},
		}
		c.Credentials = func(context.Context) ([]Credential, error) {
			return []Credential{{Connector: "cloud", Name: "broken", Added: at, Edited: at}, {Connector: "cloud", Name: "unused", Added: at, Edited: at, Validated: at, Used: at}}, nil
		}
	})
	ada := o.signedIn("ada", access.Admin)
	ada.get("/credentials").want(http.StatusOK).says(
		"cannot be used the role <arn> is missing broken start ", "not since it was stored or edited not known",
		"from the environment default start, stop no", "is not stored nowhere stop no", "can be used unused no workflow",
		"Hooks hook None is stored", "errand credentials add cloud NAME", "errand credentials edit hook NAME", "errand credentials validate hook NAME",
	).hides("Without credentials")
}

func TestCredentialsThatCannotBeListed(t *testing.T) {
	o := openOffice(t, func(c *Config) {
		c.Credentials = func(context.Context) ([]Credential, error) { return nil, errors.New("the file is damaged") }
	})
	o.signedIn("ada", access.Admin).get("/credentials").want(http.StatusOK).says("the stored credentials cannot be listed: the file is damaged", "No connector of this program has a credential")
}

// The page about the service has the home and the findings for administrators only.
func TestAboutPage(t *testing.T) {
	checks := 0
	o := openOffice(t, func(c *Config) {
		c.Workflows = flows{"start": {}, "stop": {}}
		c.Examine = func(ctx context.Context) []Finding {
			checks++
			if _, limited := ctx.Deadline(); !limited {
				t.Error("the check has no limit")
			}
			return []Finding{{What: "clock", OK: true, Message: "12:00"}, {What: "key", OK: true, Warning: true, Message: "old <b>"}, {What: "ism", Message: "no answer " + strconv.Itoa(checks), Hint: "errand doctor"}}
		}
	})
	for _, name := range []string{"start", "stop", access.PausedIntake} {
		if err := o.store.Pause(t.Context(), access.Pause{Name: name, By: "ada", At: o.now()}); err != nil {
			t.Fatal(err)
		}
	}
	ada, rita := o.signedIn("ada", access.Admin), o.signedIn("rita", access.Requester)
	ada.get("/about").want(http.StatusOK).says("v1.2.3", "canary-home", "Nothing was checked", "Definitions with errors 3", "start, by ada", "stop, by ada", "the intake, by ada", "Queue empty", "running 0")
	ada.post("/about/check").want(http.StatusSeeOther)
	ada.post("/about/check").want(http.StatusSeeOther)
	ada.get("/about").want(http.StatusOK).says("fine clock 12:00", "warning key old <b>", "needs attention ism no answer 1 Hint: errand doctor")
	rita.get("/about").want(http.StatusOK).says("v1.2.3", "start, by ada", "the intake, by ada").hides("canary-home", "no answer", "Check now", "stop, by ada")
	o.later(checkEvery)
	ada.post("/about/check").want(http.StatusSeeOther)
	ada.get("/about").want(http.StatusOK).says("no answer 2")
	if checks != 2 {
		t.Errorf("%d checks were made", checks)
	}
}

// What becomes of each task after a crash follows from its effect.
func TestCrashes(t *testing.T) {
	o := openOffice(t)
	o.signedIn("rita", access.Requester).get("/about").want(http.StatusOK).says(
		"probe.pure Pure is repeated computes only", "probe.reads Reads is repeated reads only", "probe.keyed Keyed is repeated acts with a key",
		"probe.converges Converges is looked up reaches a state", "probe.evident Evident is looked up leaves evidence", "probe.once Once a person is asked can be neither",
	)
	unlike := task.Type{Name: "a.request", Effect: task.Once, OnlyReads: func(task.Call) bool { return true }}
	rows := crashRows(task.NewRegistry(task.Connector{Name: "a", Types: []task.Type{unlike}}))
	if len(rows) != 1 || !strings.HasSuffix(rows[0].Words, "; a call that only reads is repeated") {
		t.Errorf("the rows are %v", rows)
	}
}
