package console

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/home"
	"errand/engine/plan"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/service"
)

// A startPage is the form with which a run is planned and started.
type startPage struct {
	frame
	Name, Heading string
	Program       *program.Program
	Fields        []field
	Flaws         []fieldFlaw // what is wrong with the form as it was sent
	MayStart      bool
	Paused        bool
}

// A planPage shows what a run would do, with the button that starts it.
type planPage struct {
	frame
	Name, Heading string
	Request       string
	Plan          *plan.Plan
	Values        []plannedValue
	Sent          []hiddenField // the form, for the next request
	Key           string        // by which the service knows that the same start is sent again
	MayStart      bool
	Paused        bool
	Existing      string // the run that the request has; "" if it has none
	Compared      []comparedValue
}

// A plannedValue is the value of an input.
type plannedValue struct {
	Name, Text string
	Default    bool // nobody has given it
	None       bool // it has no value
}

// A hiddenField is a field of the form that the plan page sends on.
type hiddenField struct{ Name, Value string }

// A comparedValue is an input of the run that a request has and of the one that was to start.
type comparedValue struct {
	Name, There, Here string
	Differs           bool
}

// A filled form is one that a person has filled in.
type filled struct {
	program  *program.Program
	texts    url.Values
	request  string
	inputs   map[string]any         // those that have a value
	problems []service.FieldProblem // in the words of the HTTP interface
}

// showStart shows the form. Its query fills in fields.
func showStart(c *Console, v *visit) error {
	p, err := v.client.Workflow(v.request.PathValue("name"))
	if err != nil {
		return err
	}
	return c.writeForm(v, http.StatusOK, p, v.request.URL.Query(), nil)
}

// writeForm answers with the form. texts are the fields that somebody has filled in.
func (c *Console) writeForm(v *visit, status int, p *program.Program, texts url.Values, problems []service.FieldProblem) error {
	paused, err := c.paused(v)
	if err != nil {
		return err
	}
	page := startPage{Name: p.Name, Heading: headingOf(p), Program: p, MayStart: starts.Allows(v.client.Token()), Paused: slices.Contains(paused, p.Name)}
	page.Fields = append(page.Fields, newRequestField(last(texts, requestField), p.NeedsRequest))
	for _, in := range p.Inputs.Fields {
		given := texts[inputPrefix+in.Name]
		page.Fields = append(page.Fields, newField(in, last(texts, inputPrefix+in.Name), len(given) > 0))
	}
	page.Flaws = place(page.Fields, problems)
	title := "Start: " + page.Heading
	if n := len(page.Flaws); n > 0 {
		title = count(n, "problem") + ": " + title
	}
	page.frame = c.frame(v, title)
	c.write(v, status, "start", page)
	return nil
}

// last returns the last value of a field: a box that is checked comes after the hidden field that says
// it is not.
func last(texts url.Values, name string) string {
	if values := texts[name]; len(values) > 0 {
		return strings.ReplaceAll(values[len(values)-1], "\r\n", "\n") // as browsers send line breaks
	}
	return ""
}

func headingOf(p *program.Program) string {
	if p.Title != "" {
		return p.Title
	}
	return p.Name
}

// readForm reads the inputs of a run from a form.
func readForm(p *program.Program, texts url.Values) filled {
	f := filled{program: p, texts: texts, request: strings.TrimSpace(last(texts, requestField))}
	in := home.NewInputs(p)
	var problems []home.InputProblem
	for _, input := range p.Inputs.Fields {
		if name := inputPrefix + input.Name; texts.Has(name) {
			problems = append(problems, addText(in, input, last(texts, name))...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		input, ok := strings.CutPrefix(name, inputPrefix)
		if _, known := p.Inputs.Field(input); ok && !known { // the definition has changed since the form was made
			problems = append(problems, in.AddText(input, last(texts, name))...)
		}
	}
	for _, missing := range in.Missing() {
		if !slices.ContainsFunc(problems, func(p home.InputProblem) bool { return isAbout(p.Input, missing.Name) }) {
			problems = append(problems, home.InputProblem{Code: home.InputMissing, Input: missing.Name, Field: missing})
		}
	}
	slices.SortStableFunc(problems, func(a, b home.InputProblem) int { return orderOf(p, a.Input) - orderOf(p, b.Input) })
	f.problems, f.inputs = service.StartProblems(p, f.request, problems), in.Given()
	return f
}

// isAbout reports whether the path of a problem leads to an input or into it.
func isAbout(path, input string) bool {
	rest, ok := strings.CutPrefix(path, input)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// orderOf returns the place of the input in which a problem is.
func orderOf(p *program.Program, path string) int {
	at := slices.IndexFunc(p.Inputs.Fields, func(f schema.Field) bool { return isAbout(path, f.Name) })
	if at < 0 {
		return len(p.Inputs.Fields)
	}
	return at
}

// planStart shows the plan of the form that was sent, or the form with its problems. The button "Back
// to the form" sends the form again, too: its values are too long for an address.
func planStart(c *Console, v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	p, err := v.client.Workflow(v.request.PathValue("name"))
	if err != nil {
		return err
	}
	if one(form, "back") != "" {
		return c.writeForm(v, http.StatusOK, p, form, nil)
	}
	return c.writePlan(v, readForm(p, form), rand.Text(), nil)
}

// writePlan answers with the plan of a form, and with why its run was not started if refusal is not nil.
func (c *Console) writePlan(v *visit, f filled, key string, refusal *service.Problem) error {
	if len(f.problems) > 0 {
		return c.writeForm(v, http.StatusUnprocessableEntity, f.program, f.texts, f.problems)
	}
	name := f.program.Name
	page := planPage{
		frame: c.frame(v, "Plan: "+headingOf(f.program)), Name: name, Heading: headingOf(f.program), Request: f.request, Key: key,
		MayStart: starts.Allows(v.client.Token()), Values: plannedValues(f), Sent: f.sent(),
	}
	body := map[string]any{"request": f.request, "inputs": encodeInputs(f.inputs)}
	err := v.client.Call(v.context(), http.MethodPost, "/v1/workflows/"+url.PathEscape(name)+"/plan", nil, body, nil)
	if problem := refusalOf(err); problem != nil && len(problem.Problems) > 0 {
		return c.writeForm(v, problem.Status, f.program, f.texts, problem.Problems)
	}
	if err != nil {
		return err
	}
	if page.Plan, err = c.planOf(v, f); err != nil {
		return err
	}
	paused, err := c.paused(v)
	if err != nil {
		return err
	}
	page.Paused = slices.Contains(paused, name)
	status := http.StatusOK
	switch {
	case refusal != nil:
		page.Refusal, status = refusal, refusal.Status
		if refusal.Code == string(engine.RefusedConflict) && refusal.Run != "" {
			page.Compared = c.compare(v, f, refusal.Run)
		}
	case f.request != "":
		runs, err := v.client.List(v.context(), engine.Query{Workflow: name, Request: f.request, Pruned: true, Limit: 1})
		if err != nil {
			return err
		}
		if len(runs) > 0 {
			page.Existing = runs[0].Run
		}
	}
	c.write(v, status, "plan", page)
	return nil
}

// planOf makes the plan that the service has accepted. As JSON it lacks what is for people.
func (c *Console) planOf(v *visit, f filled) (*plan.Plan, error) {
	inputs, err := plan.Inputs(f.program, f.inputs)
	if err != nil {
		return nil, err
	}
	return plan.New(v.context(), f.program, plan.Options{Request: f.request, Inputs: inputs, Registry: c.Registry, Now: c.now()})
}

// sent returns the form as it was filled in.
func (f filled) sent() []hiddenField {
	sent := []hiddenField{{requestField, f.request}}
	for _, in := range f.program.Inputs.Fields {
		if name := inputPrefix + in.Name; f.texts.Has(name) {
			sent = append(sent, hiddenField{name, last(f.texts, name)})
		}
	}
	return sent
}

// plannedValues returns the values of all inputs.
func plannedValues(f filled) (values []plannedValue) {
	for _, in := range f.program.Inputs.Fields {
		v, given := f.inputs[in.Name]
		if !given {
			v = in.Default
		}
		values = append(values, plannedValue{Name: in.Name, Text: textOf(schema.Encode(v)), Default: !given && v != nil, None: v == nil})
	}
	return values
}

// compare returns the inputs of a run beside those of the form; nothing if the run cannot be read.
func (c *Console) compare(v *visit, f filled, run string) (compared []comparedValue) {
	there, err := v.client.Read(v.context(), run)
	if err != nil {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(there.Inputs, &members); err != nil {
		return nil
	}
	for _, in := range plannedValues(f) {
		value, ok := members[in.Name]
		shown := "no value"
		if ok && string(value) != "null" {
			shown = textOf(value)
		}
		here := in.Text
		if in.None {
			here = "no value"
		}
		compared = append(compared, comparedValue{in.Name, shown, here, shown != here})
	}
	return compared
}

// keyField is the field of a start's key.
const keyField = "key"

// startRun starts the run of a plan page. The same page sent again gets the same run.
func startRun(c *Console, v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	p, err := v.client.Workflow(v.request.PathValue("name"))
	if err != nil {
		return err
	}
	f, key := readForm(p, form), one(form, keyField)
	if key == "" || len(f.problems) > 0 { // it is no plan page that was sent, or the definition has changed
		return c.writePlan(v, f, rand.Text(), nil)
	}
	body := map[string]any{"workflow": p.Name, "request": f.request, "inputs": encodeInputs(f.inputs)}
	var started struct {
		Run string `json:"run"`
	}
	err = v.client.Call(v.context(), http.MethodPost, "/v1/runs", http.Header{"Idempotency-Key": {key}}, body, &started)
	switch refusal := refusalOf(err); {
	case refusal != nil && len(refusal.Problems) > 0:
		return c.writeForm(v, refusal.Status, p, form, refusal.Problems)
	case refusal != nil:
		return c.writePlan(v, f, key, refusal)
	case err != nil:
		return err
	}
	c.redirect(v, runHref(started.Run))
	return nil
}
