package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
)

// Start is when a case begins that does not say.
var Start = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)

// RunID is the run of every case that does not say.
const RunID = "goldenrun0000000"

// A Case is a document that was read. Its members are the keys of case.yaml.
type Case struct {
	Workflow  string                     `json:"workflow"`
	Run       string                     `json:"run"`       // the run's id, of which its idempotency tokens are made
	Request   string                     `json:"request"`   // the service request's id
	Start     time.Time                  `json:"start"`     // when it begins
	Inputs    map[string]json.RawMessage `json:"inputs"`    // as in a definition: a duration has units
	Decisions map[string]Decisions       `json:"decisions"` // by step
	Cancel    *Cancel                    `json:"cancel"`
	Expect    *Expect                    `json:"expect"`

	File    string `json:"-"` // where it was read; messages begin with it
	archive *txtar.Archive
	mocks   []*Mock
	world   []byte // JSON; nil: there is no world.yaml
}

// A Decision is what a person decides who is asked, and how long after.
type Decision struct {
	After   schema.Span    `json:"after"`
	Verdict engine.Verdict `json:"verdict"` // approve or reject; done, retry or fail where a step is uncertain
	By      string         `json:"by"`
	Comment string         `json:"comment"`
}

// Decisions are those on one step, each for the next time that it asks: a list, or one alone.
type Decisions []Decision

// UnmarshalJSON implements json.Unmarshaler.
func (d *Decisions) UnmarshalJSON(data []byte) error {
	many, one := []Decision{}, Decision{}
	var into any = &one
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		into = &many
	}
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(into); err != nil {
		return err
	}
	if *d = many; into == &one {
		*d = Decisions{one}
	}
	return nil
}

// A Cancel is a person who cancels the run.
type Cancel struct {
	After schema.Span `json:"after"` // its start
}

// The files of a document.
const (
	caseFile       = "case.yaml"
	mocksFile      = "mocks.yaml"
	worldFile      = "world.yaml"
	traceFile      = "trace"
	afterwardsFile = "afterwards"
)

// Parse reads a case. Its error says at which line of the document something is wrong.
func Parse(file string, document []byte) (*Case, error) {
	c := &Case{Run: RunID, Start: Start, File: file, archive: txtar.Parse(document)}
	if !c.has(caseFile) {
		return nil, c.fault(0, "there is no part %s in it: a line that reads -- %s --, and what follows it", caseFile, caseFile)
	}
	if err := c.read(caseFile, c); err != nil {
		return nil, err
	}
	if c.Workflow == "" {
		return nil, c.fault(c.line(caseFile, ""), "%s: the key workflow is missing: the name of the workflow that is run", caseFile)
	}
	if err := c.read(mocksFile, &c.mocks); err != nil {
		return nil, err
	}
	for i, m := range c.mocks {
		if err := m.complete(); err != nil {
			return nil, c.fault(c.line(mocksFile, ""), "%s: mock %d: %v", mocksFile, i+1, err)
		}
	}
	var err error
	c.world, err = c.data(worldFile)
	return c, err
}

// Name is the case's name: the file's, without its ending.
func (c *Case) Name() string {
	name := c.File[strings.LastIndexAny(c.File, `/\`)+1:]
	return strings.TrimSuffix(name, Ending)
}

// Ending is how the names of files with cases end.
const Ending = ".txtar"

// Format is the document with an outcome in it. A case that says what it expects, and has no trace, gets none.
func (c *Case) Format(o Outcome) []byte {
	if c.Expect == nil || c.has(traceFile) {
		return c.Complete(o)
	}
	return txtar.Format(c.archive)
}

// Complete is the document with the trace of an outcome, whatever it had before.
func (c *Case) Complete(o Outcome) []byte {
	c.set(traceFile, o.Trace)
	c.set(afterwardsFile, o.Afterwards)
	return txtar.Format(c.archive)
}

func (c *Case) has(name string) bool {
	_, ok := c.part(name)
	return ok
}

func (c *Case) part(name string) ([]byte, bool) {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return f.Data, true
		}
	}
	return nil, false
}

func (c *Case) set(name, text string) {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			c.archive.Files[i].Data = []byte(text)
			return
		}
	}
	c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: []byte(text)})
}

var unknownKey = regexp.MustCompile(`^json: unknown field "(.*)"$`)

// read reads a part of the document as YAML, where it is there, and refuses every key that it does not know.
func (c *Case) read(name string, into any) error {
	data, err := c.data(name)
	if err != nil || data == nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(into)
	if err == nil {
		return nil
	}
	if m := unknownKey.FindStringSubmatch(err.Error()); m != nil {
		return c.fault(c.line(name, m[1]), "%s: there is no key %q", name, m[1])
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		key := wrong.Field[strings.LastIndex(wrong.Field, ".")+1:]
		return c.fault(c.line(name, key), "%s: %s cannot be a %s", name, wrong.Field, wrong.Value)
	}
	return c.fault(c.line(name, ""), "%s: %v", name, err)
}

// data is a YAML part of the document as JSON, or nil where it is not there.
func (c *Case) data(name string) ([]byte, error) {
	text, ok := c.part(name)
	if !ok {
		return nil, nil
	}
	data, problems := definition.Data(name, text)
	if diag.HasErrors(problems) {
		first := problems[0]
		return nil, c.fault(c.line(name, "")+first.Range.Start.Line-1, "%s: %s", name, first.Message)
	}
	return data, nil
}

// inputs are the case's inputs as the program declares them.
func (c *Case) inputs(p *program.Program) (map[string]any, error) {
	raw := []byte("{}")
	if c.Inputs != nil {
		var err error
		if raw, err = json.Marshal(c.Inputs); err != nil {
			return nil, err
		}
	}
	value, err := p.Inputs.Decode(raw)
	if err != nil {
		return nil, c.fault(c.line(caseFile, "inputs"), "%s: inputs: %v", caseFile, err)
	}
	return value.(map[string]any), nil
}

// line is the line of the document where a part begins, or of the first line in it that begins with a key.
func (c *Case) line(name, key string) int {
	line := 1 + bytes.Count(c.archive.Comment, []byte("\n"))
	for _, f := range c.archive.Files {
		line++ // the marker
		if f.Name != name {
			line += bytes.Count(f.Data, []byte("\n"))
			continue
		}
		if key != "" {
			for i, text := range strings.Split(string(f.Data), "\n") {
				if strings.HasPrefix(strings.TrimLeft(text, " -{"), key+":") {
					return line + i
				}
			}
		}
		return line
	}
	return 1
}

// fault is an error at a line of the document; 0 is none in particular.
func (c *Case) fault(line int, format string, args ...any) error {
	at := c.File
	if line > 0 {
		at = fmt.Sprintf("%s:%d", c.File, line)
	}
	return fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...))
}
