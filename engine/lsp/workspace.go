package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"sync"

	"github.com/creachadair/jrpc2"

	"errand/engine/definition"
	"errand/engine/program"
)

// A workspace has the documents that are open in the editor and the queue of checks.
type workspace struct {
	inBytes bool // positions count bytes
	watches bool // the client can report files that change on disk

	lock  sync.Mutex
	open  map[string]*document // by URI
	calls map[string][]string  // by URI: the names that the last check looked for
	stale []string             // URIs to check, the next first
	wake  chan struct{}

	// publishing makes sure that no problems of a document follow the message that it was closed.
	publishing sync.Mutex
}

func newWorkspace() workspace {
	return workspace{open: map[string]*document{}, calls: map[string][]string{}, wake: make(chan struct{}, 1)}
}

func (c *connection) didOpen(_ context.Context, p openParams) (any, error) {
	d := p.TextDocument
	c.put(newDocument(d.URI, d.Version, d.Text, c.inBytes))
	return nil, nil
}

func (c *connection) didChange(_ context.Context, p changeParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	c.put(d.afterChanges(p.TextDocument.Version, p.ContentChanges))
	return nil, nil
}

func (c *connection) didClose(ctx context.Context, p openParams) (any, error) {
	c.lock.Lock()
	uri := p.TextDocument.URI
	delete(c.open, uri)
	delete(c.calls, uri)
	c.stale = slices.DeleteFunc(c.stale, func(s string) bool { return s == uri })
	c.lock.Unlock()
	c.queueCheck("", fileOf(uri))
	c.publishing.Lock()
	defer c.publishing.Unlock()
	return nil, c.rpc.Notify(ctx, "textDocument/publishDiagnostics", publishParams{URI: uri, Diagnostics: []diagnostic{}})
}

// didChangeFiles starts a check of the documents that call the changed files.
func (c *connection) didChangeFiles(_ context.Context, p watchedParams) (any, error) {
	for _, f := range p.Changes {
		c.queueCheck("", fileOf(f.URI))
	}
	return nil, nil
}

// document returns the newest version of an open document.
func (c *connection) document(uri string) (*document, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if d := c.open[uri]; d != nil {
		return d, nil
	}
	return nil, jrpc2.Errorf(jrpc2.InvalidParams, "%s is not open", uri)
}

// put stores a new version.
func (c *connection) put(d *document) {
	c.lock.Lock()
	c.open[d.uri] = d
	c.lock.Unlock()
	c.queueCheck(d.uri, d.file)
}

// queueCheck queues a check of a document, and then of those that call it.
func (c *connection) queueCheck(uri, file string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	next := func(uri string) {
		if !slices.Contains(c.stale, uri) {
			c.stale = append(c.stale, uri)
		}
	}
	if uri != "" {
		next(uri)
	}
	var callers []string
	for other, names := range c.calls {
		if other != uri && slices.Contains(names, stemOf(file)) {
			callers = append(callers, other)
		}
	}
	slices.Sort(callers)
	for _, caller := range callers {
		next(caller)
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// loader returns a loader that finds the workflows which a document calls: open documents first,
// then those of the library. It calls visit with the name of each.
func (c *connection) loader(d *document, visit func(name string)) program.Loader {
	return program.Loader{Registry: c.Registry, Find: func(name string) (string, []byte, error) {
		visit(name)
		found, err := c.Library.Find(name, d.folders()...)
		return found.File, found.Text, err
	}}
}

// folders returns the folder of the document's file, which is searched for called workflows first. For
// a test case, the folder above follows. A document that is not on disk has none.
func (d *document) folders() []string {
	if !onDisk(d.uri) {
		return nil
	}
	folder := filepath.Dir(filepath.FromSlash(d.file))
	if isTestCase(d) {
		return []string{folder, filepath.Dir(folder)}
	}
	return []string{folder}
}

// names returns the workflows that a document can call, also those in files that are not saved yet.
func (c *connection) names(d *document) []string {
	names, err := c.Library.Names(d.folders()...)
	if err != nil { // the other names are known; a check that needs the folder reports the error
		c.Log.Debug("not all workflows are listed", "error", err)
	}
	folders := append(d.folders(), c.Library.Folder)
	c.lock.Lock()
	defer c.lock.Unlock()
	for uri, other := range c.open {
		folder := filepath.Dir(filepath.FromSlash(other.file))
		if onDisk(uri) && slices.Contains(folders, folder) && definition.Detect([]byte(other.text)) && !isTestCase(other) && !other.isIntake() {
			names = append(names, stemOf(other.file))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// uriOf returns the URI of a file: the editor's own if the file is open there. It returns "" for a
// shipped workflow.
func (c *connection) uriOf(file string) string {
	c.lock.Lock()
	defer c.lock.Unlock()
	for uri, d := range c.open {
		if d.file == file && onDisk(uri) {
			return uri
		}
	}
	return uriOf(file)
}

// openText returns the text of an open file.
func (c *connection) openText(file string) ([]byte, bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	for uri, d := range c.open {
		if d.file == file && onDisk(uri) {
			return []byte(d.text), true
		}
	}
	return nil, false
}
