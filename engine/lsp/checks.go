package lsp

import (
	"context"
	"runtime/debug"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
)

// checks checks the changed documents, one after the other, until the context ends. If a document
// changes again during its check, the result is not published: the newest version follows.
func (c *connection) checks(ctx context.Context) {
	for {
		d := c.next()
		if d == nil {
			select {
			case <-ctx.Done():
				return
			case <-c.wake:
			}
			continue
		}
		if ctx.Err() != nil {
			return
		}
		problems, ok := c.check(d)
		if !ok {
			continue
		}
		if err := c.publish(ctx, d, problems); err != nil {
			return // the client has disconnected
		}
	}
}

// publish sends the problems of a document to the client, unless the document was changed or closed
// since.
func (c *connection) publish(ctx context.Context, d *document, problems []diag.Problem) error {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	if newest, err := c.document(d.uri); err != nil || newest != d {
		return nil
	}
	published := publishParams{URI: d.uri, Version: &d.version, Diagnostics: d.diagnostics(problems)}
	return c.rpc.Notify(ctx, "textDocument/publishDiagnostics", published)
}

// next returns the next document to check.
func (c *connection) next() *document {
	c.lock.Lock()
	defer c.lock.Unlock()
	for len(c.stale) > 0 {
		uri := c.stale[0]
		c.stale = c.stale[1:]
		if d := c.open[uri]; d != nil {
			return d
		}
	}
	return nil
}

// check checks a document and records which workflows it calls. It fails only because of a fault in
// the check, which is logged.
func (c *connection) check(d *document) (problems []diag.Problem, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			c.Log.Error("a check failed", "uri", d.uri, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	problems, names := c.problems(d)
	slices.Sort(names)
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.open[d.uri] != nil {
		c.calls[d.uri] = slices.Compact(names)
	}
	return problems, true
}

// problemsOf returns the problems that `errand check` reports for a document.
func (c *connection) problemsOf(d *document) []diag.Problem {
	problems, _ := c.problems(d)
	return problems
}

// problems returns the problems that `errand check` reports for a document, or for a test case those
// because of which `errand test` cannot run it, and the names of the workflows that the check looked
// for. YAML that is neither a definition nor an intake file has no problems.
func (c *connection) problems(d *document) (problems []diag.Problem, names []string) {
	switch {
	case d.isIntake():
		return c.intakeProblems(d)
	case isTestCase(d):
		return c.testCaseProblems(d)
	}
	if definition.Detect([]byte(d.text)) {
		_, problems = c.loader(d, func(name string) { names = append(names, name) }).Load(d.file, []byte(d.text))
	}
	return problems, names
}
