package golden

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/schema"
)

// Start is the default start of a case.
var Start = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)

// RunID is the default id of the run of a case.
const RunID = "goldenrun0000000"

// A Case is one document. Its exported members are the keys of case.yaml.
type Case struct {
	Workflow  string                     `json:"workflow"`
	Run       string                     `json:"run"`       // the run's id, from which its idempotency tokens are made
	Request   string                     `json:"request"`   // the id of the service request
	URL       string                     `json:"url"`       // the address of the run's page; "" means that run.url is null
	Start     time.Time                  `json:"start"`     // when the run begins
	Inputs    map[string]json.RawMessage `json:"inputs"`    // as in a definition: a duration has a unit
	Decisions map[string]Decision        `json:"decisions"` // by step
	Cancel    *Cancel                    `json:"cancel"`
	Expect    *Expect                    `json:"expect"`

	File    string `json:"-"` // its path; messages begin with it
	broken  error  // why the document cannot be read
	archive *txtar.Archive
	about   part // case.yaml
	answers part // mocks.yaml
	mocks   []*Mock
	world   []byte // world.yaml as JSON; nil if there is none
	placed  part   // world.yaml
}

// A Decision is what a person decides, and how long after the question.
type Decision struct {
	After   schema.Span    `json:"after"`
	Verdict engine.Verdict `json:"verdict"` // approve or reject; done, retry or fail for an uncertain step
	By      string         `json:"by"`
	Entered string         `json:"entered_by"` // who entered the decision for the person; "" if the person did
	Comment string         `json:"comment"`
	Then    []Decision     `json:"then"` // the later decisions, if the step asks again
}

// A Cancel says when a person cancels the run.
type Cancel struct {
	After schema.Span `json:"after"` // the start of the run
}

// Parse reads a case. Its error names the line of the document.
func Parse(file string, document []byte) (*Case, error) {
	c := &Case{Run: RunID, Start: Start, File: file, archive: txtar.Parse(document)}
	if err := c.checkParts(); err != nil {
		return nil, err
	}
	if !c.has(caseFile) {
		return nil, c.fault(0, "the part %s is missing; a part begins with the line -- %s --", caseFile, caseFile)
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
	if c.Expect != nil && c.Expect.isEmpty() {
		return nil, about.fault(about.at("expect"), "expect requires nothing; write what must hold, such as status: succeeded, or remove the key")
	}
	mocks, err := c.yaml(mocksFile)
	if err != nil {
		return nil, err
	}
	c.answers = mocks
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
	c.world, c.placed = world.json, world
	return c, err
}

// Name returns the name of the file without its ending.
func (c *Case) Name() string {
	name := c.File[strings.LastIndexAny(c.File, `/\`)+1:]
	return strings.TrimSuffix(name, Ending)
}

// Ending is the ending of the names of files with cases.
const Ending = ".txtar"

// Format returns the document with an outcome in it. A case that has "expect" and no trace gets no
// trace.
func (c *Case) Format(o Outcome) []byte {
	if c.Expect == nil || c.has(traceFile) {
		return c.Complete(o)
	}
	return txtar.Format(c.archive)
}

// Complete returns the document with the trace of an outcome.
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

// first returns the line of the document where a part begins.
func (c *Case) first(name string) int {
	for i, f := range c.archive.Files {
		if f.Name == name {
			return c.marker(i) + 1
		}
	}
	return 1
}

// marker returns the line of the document with the name of the part with a number.
func (c *Case) marker(i int) int {
	line := 1 + bytes.Count(c.archive.Comment, []byte("\n"))
	for _, f := range c.archive.Files[:i] {
		line += 1 + bytes.Count(f.Data, []byte("\n"))
	}
	return line
}
