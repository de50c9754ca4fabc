package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/home"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// A startBody asks for a run.
type startBody struct {
	Workflow string                     `json:"workflow" required:"true" maxlen:"100" doc:"The workflow's name."`
	Request  string                     `json:"request" maxlen:"200" doc:"The service request that the run is for. The same workflow, request and inputs again give the same run."`
	Inputs   map[string]json.RawMessage `json:"inputs" doc:"The workflow's inputs, by name."`
}

func (b *startBody) audit() any {
	return map[string]string{"workflow": b.Workflow, "request": b.Request}
}

// startRun starts a run, or returns the one that the request or the key has.
func startRun(s *Server, c *call) (answer, error) {
	order, err := s.order(c, c.body.(*startBody))
	if err != nil {
		return answer{}, err
	}
	hasKey := order.Run != ""
	if hasKey {
		if v, err := s.repeated(c, order); v != nil || err != nil {
			return answer{status: http.StatusOK, body: v}, err
		}
	} else {
		order.Run = strings.ToLower(rand.Text()[:16])
	}
	order.URL = engine.RunURL(s.PublicURL, order.Run)
	receipt, err := s.accept(c, order)
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok && hasKey && refusal.Code == engine.RefusedMoved {
		if v, err := s.repeated(c, order); v != nil || err != nil { // another call with the key was faster
			return answer{status: http.StatusOK, body: v}, err
		}
	}
	if err != nil {
		return answer{}, withoutRun(err, order.Run)
	}
	v := order.Accepted(receipt)
	if receipt.Existed || receipt.Key != "" { // it may be at work, or wait for its turn
		if v, err = s.kept(c.context(), receipt.Run); err != nil {
			return answer{}, err
		}
	}
	if receipt.Existed {
		return answer{status: http.StatusOK, body: v}, nil
	}
	return answer{status: http.StatusCreated, body: v, header: http.Header{"Location": {"/v1/runs/" + receipt.Run}}}, nil
}

// withoutRun returns why an order was refused, without the id that its run would have had: there is no such
// run. Only if the run has moved, it is there.
func withoutRun(err error, run string) error {
	refusal, ok := errors.AsType[*engine.Refusal](err)
	if !ok || refusal.Run != run || refusal.Code == engine.RefusedMoved {
		return err
	}
	bare := *refusal
	bare.Run = ""
	return &bare
}

// accept puts an order on record. The caller must see the run that the request may have already.
func (s *Server) accept(c *call, order engine.Order) (engine.Receipt, error) {
	receipt, err := s.put(c, order)
	existing := receipt.Run
	conflict, isRefusal := errors.AsType[*engine.Refusal](err)
	switch {
	case isRefusal && conflict.Code == engine.RefusedConflict:
		existing = conflict.Run
	case err != nil:
		return receipt, err
	case !receipt.Existed:
		return receipt, nil
	}
	if hidden := s.sees(c.context(), c.who, existing); hidden != nil {
		if _, unseen := errors.AsType[*engine.Refusal](hidden); !unseen {
			return receipt, hidden
		}
		return receipt, &Problem{Status: http.StatusConflict, Code: string(engine.RefusedConflict), Detail: "the request has a run already, which somebody else started", Hint: "ask whoever handles the request"}
	}
	return receipt, err
}

// put puts an order and its entry in the audit log on record: both in one step if the runner can do that,
// and otherwise the entry first. A start that is then refused, or has a run already, gets a second entry.
func (s *Server) put(c *call, order engine.Order) (engine.Receipt, error) {
	entry := c.entry()
	if _, ok := s.Runner.(engine.Auditor); ok {
		order.Audit = &entry
		receipt, err := s.Runner.Accept(c.context(), order)
		c.recorded = err == nil && !receipt.Existed
		return receipt, err
	}
	entry.Run = order.Run
	entry, err := s.append(c.context(), entry)
	if err != nil {
		return engine.Receipt{}, err
	}
	c.recorded = true
	receipt, err := s.Runner.Accept(c.context(), order)
	switch {
	case err != nil:
		s.refused(c, entry, err)
	case receipt.Existed:
		s.correct(c, entry, receipt.Run, "not carried out: the request has a run already")
	}
	return receipt, err
}

// order returns the order that a body asks for. Its Run is not empty if the caller sent a key.
func (s *Server) order(c *call, b *startBody) (engine.Order, error) {
	p, err := s.workflow(c.who, b.Workflow)
	if err != nil {
		return engine.Order{}, err
	}
	if err := s.notPaused(c.context(), b.Workflow); err != nil {
		return engine.Order{}, err
	}
	inputs, problems := inputsOf(p, b.Inputs)
	if problem := requestProblem(p, b.Request); problem != nil {
		problems = append(problems, *problem)
	}
	if len(problems) > 0 {
		return engine.Order{}, unfit("the workflow "+p.Name+" cannot start with this", problems)
	}
	run, err := runOfKey(c)
	if err != nil {
		return engine.Order{}, err
	}
	if err := s.ready(c.context(), p); err != nil {
		return engine.Order{}, err
	}
	order := engine.Order{Run: run, Request: b.Request, StartedBy: c.who.token.Name, Inputs: inputs, Program: p}
	if order.Requesters, err = s.requesters(c, p, b.Request); err != nil {
		return engine.Order{}, err
	}
	order.Owners = engine.Owners(c.who.token.Name, order.Requesters...)
	return order, nil
}

// workflow returns a workflow that the caller may start.
func (s *Server) workflow(who caller, name string) (*program.Program, error) {
	if p, ok := s.Workflows.Workflow(name); ok && who.token.MayUse(name) {
		return p, nil
	}
	return nil, &Problem{Status: http.StatusNotFound, Code: "no_workflow", Detail: "there is no workflow " + quoted(name), Hint: "GET /v1/workflows lists the workflows"}
}

// notPaused returns a problem if the service starts no runs of a workflow.
func (s *Server) notPaused(ctx context.Context, workflow string) error {
	paused, err := s.Pauses.Paused(ctx)
	if err != nil {
		return unreadable("reading the pauses", err)
	}
	if slices.ContainsFunc(paused, func(p access.Pause) bool { return p.Name == workflow }) {
		return &Problem{Status: http.StatusServiceUnavailable, Code: "paused", Detail: "the workflow " + workflow + " is paused", Hint: "nothing was put on record; try again later", retryAfter: retryLater}
	}
	return nil
}

// ready returns a problem if a credential of the program cannot be used.
func (s *Server) ready(ctx context.Context, p *program.Program) error {
	err := home.Ready(ctx, s.Registry, p)
	if missing, ok := errors.AsType[*home.NotReadyError](err); ok {
		return &Problem{
			Status: http.StatusServiceUnavailable, Code: string(engine.TroubleCredential),
			Detail: fmt.Sprintf("the credential %q of the connector %s cannot be used: %v", missing.Used.Name, missing.Used.Connector, missing),
			Hint:   "nothing was put on record; an administrator must mend the credential", retryAfter: retryLater,
		}
	}
	return err
}

// requesters returns the persons for whom a run is: those whom the service request names, and the one
// who starts it.
func (s *Server) requesters(c *call, p *program.Program, request string) ([]string, error) {
	var persons []string
	for _, connector := range s.Registry.Connectors() {
		if connector.Desk == nil || request == "" {
			continue
		}
		for _, credential := range credentialsOf(c.context(), p, connector) {
			named, err := connector.Desk.Requesters(c.context(), credential, request)
			if err != nil {
				return nil, deskProblem(request, err)
			}
			persons = append(persons, named...)
		}
	}
	if me := c.who.token.Person; me != "" {
		persons = append(persons, me)
	}
	var different []string
	for _, p := range persons {
		if !slices.ContainsFunc(different, func(q string) bool { return engine.SameName(p, q) }) {
			different = append(different, p)
		}
	}
	return different, nil
}

// credentialsOf returns the names of the credentials with which a program uses a desk. A program that
// does not use it may be for one of its service requests all the same: then it is the default one, if
// that can be used.
func credentialsOf(ctx context.Context, p *program.Program, desk task.Connector) (names []string) {
	for _, used := range p.Credentials {
		if used.Connector == desk.Name {
			names = append(names, used.Name)
		}
	}
	if len(names) == 0 && desk.Ready != nil && desk.Ready(ctx, task.DefaultCredential) == nil {
		names = append(names, task.DefaultCredential)
	}
	return names
}

// deskProblem is the problem of a service request whose persons cannot be read. If the desk refuses
// for good, for example because there is no such request, the order is at fault.
func deskProblem(request string, err error) *Problem {
	f, ok := errors.AsType[*task.Failure](err)
	if ok && !f.Transient && !f.Local && f.Status >= 400 && f.Status < 500 {
		return unfit("the service request cannot be read", []FieldProblem{{Field: "request", Message: f.Message}})
	}
	return &Problem{
		Status: http.StatusServiceUnavailable, Code: "desk", Detail: fmt.Sprintf("nobody can read for whom the service request %q is: %v", request, err),
		Hint: "nothing was put on record; try again when the ticketing system can be reached", retryAfter: retryLater,
	}
}

// inputsOf returns the inputs of a run as the program takes them, or what is wrong with them.
func inputsOf(p *program.Program, given map[string]json.RawMessage) (map[string]any, []FieldProblem) {
	in, problems := givenInputs(p, given)
	if len(problems) > 0 {
		return nil, problems
	}
	values, missing := in.Values()
	return values, inputProblems(missing)
}

// givenInputs returns the inputs that a body has, or what is wrong with them.
func givenInputs(p *program.Program, given map[string]json.RawMessage) (*home.Inputs, []FieldProblem) {
	in := home.NewInputs(p)
	if given == nil {
		return in, nil
	}
	data, err := json.Marshal(given)
	if err != nil {
		panic(err) // they were decoded
	}
	problems, err := in.AddJSON(data)
	if err != nil {
		panic(err) // they are an object
	}
	return in, inputProblems(problems)
}

// inputProblems words what is wrong with inputs.
func inputProblems(problems []home.InputProblem) []FieldProblem {
	var worded []FieldProblem
	for _, p := range problems {
		w := FieldProblem{Field: "inputs." + p.Input, Message: p.Message}
		switch p.Code {
		case home.InputUnknown:
			w.Message = fmt.Sprintf("the workflow has no input %q", p.Input)
		case home.InputMissing:
			w.Message = "the workflow needs this input: " + p.Field.Type.Article()
		}
		if len(p.Known) > 0 {
			w.Hint = "known names are " + strings.Join(p.Known, ", ")
		}
		worded = append(worded, w)
	}
	return worded
}

// requestProblem returns what is wrong with the id of a service request.
func requestProblem(p *program.Program, request string) *FieldProblem {
	switch {
	case request == "" && p.NeedsRequest:
		return &FieldProblem{Field: "request", Message: "the workflow needs the service request that the run is for", Hint: "send the request's id, such as 100-291"}
	case request != strings.TrimSpace(request) || strings.ContainsFunc(request, isControl):
		return &FieldProblem{Field: "request", Message: fmt.Sprintf("%q has blanks around it or invisible characters", request), Hint: "send the request's id, such as 100-291"}
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }

// keyHeader is the header of a key by which a caller repeats a start.
const keyHeader = "Idempotency-Key"

// runOfKey returns the id of the run that a key stands for: it follows from the token and the key, so
// that a repetition finds the run, also after a restart. It returns "" if there is no key.
func runOfKey(c *call) (string, error) {
	given := c.http.Header.Values(keyHeader)
	if len(given) == 0 {
		return "", nil
	}
	key := given[0]
	if len(given) > 1 || key == "" || len(key) > 255 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", &Problem{Status: http.StatusBadRequest, Code: "key", Detail: keyHeader + " is not usable", Hint: "send one header with 1 to 255 visible ASCII characters"}
	}
	sum := sha256.Sum256([]byte("run of key\x00" + c.who.token.Name + "\x00" + key))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])), nil
}

// repeated returns the run that the key of an order stands for, or nil if there is none yet.
func (s *Server) repeated(c *call, o engine.Order) (*engine.View, error) {
	v, err := s.kept(c.context(), o.Run)
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok && refusal.Code == engine.RefusedNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if v.Workflow != o.Program.Name || v.Request != o.Request || !v.HasInputs(schema.Encode(o.Inputs)) {
		return nil, &Problem{Status: http.StatusUnprocessableEntity, Code: "key_reused", Detail: "the key stands for another start: run " + o.Run, Run: o.Run, Hint: "send another key for another start"}
	}
	return &v, nil
}
