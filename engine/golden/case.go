package golden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
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
	Decisions map[string]Decision        `json:"decisions"` // by step
	Cancel    *Cancel                    `json:"cancel"`
	Expect    *Expect                    `json:"expect"`

	File    string `json:"-"` // where it was read; messages begin with it
	archive *txtar.Archive
	about   part // case.yaml
	mocks   []*Mock
	world   []byte // JSON; nil: there is no world.yaml
}

// A Decision is what a person decides who is asked, and how long after.
type Decision struct {
	After   schema.Span    `json:"after"`
	Verdict engine.Verdict `json:"verdict"` // approve or reject; done, retry or fail where a step is uncertain
	By      string         `json:"by"`
	Comment string         `json:"comment"`
	Then    []Decision     `json:"then"` // where the step asks again: one after the other
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
	about, err := c.yaml(caseFile)
	if err != nil {
		return nil, err
	}
	c.about = about
	if err := about.decode(c); err != nil {
		return nil, err
	}
	if c.Workflow == "" {
		return nil, about.fault(0, "the key workflow is missing: the name of the workflow that is run")
	}
	mocks, err := c.yaml(mocksFile)
	if err != nil {
		return nil, err
	}
	if err := mocks.decode(&c.mocks); err != nil {
		return nil, err
	}
	for i, at := range mocks.items() {
		c.mocks[i].line = mocks.line(at)
		if err := c.mocks[i].complete(); err != nil {
			return nil, mocks.fault(at, "%v", err)
		}
	}
	world, err := c.yaml(worldFile)
	c.world = world.json
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
		return nil, c.about.fault(c.about.key("inputs"), "inputs: %v", err)
	}
	return value.(map[string]any), nil
}

// first is the line of the document where a part begins.
func (c *Case) first(name string) int {
	line := 1 + bytes.Count(c.archive.Comment, []byte("\n"))
	for _, f := range c.archive.Files {
		line++ // the marker
		if f.Name == name {
			return line
		}
		line += bytes.Count(f.Data, []byte("\n"))
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
