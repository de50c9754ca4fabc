package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"sync"

	"github.com/creachadair/jrpc2"

	"errand/engine/program"
)

// A workspace is what is open in the editor, and what is still to be checked.
type workspace struct {
	inBytes bool // positions count bytes
	watches bool // the client tells of files that change, when asked

	lock   sync.Mutex
	open   map[string]*document // by URI
	wanted map[string][]string  // by URI: the names of the workflows that the last check looked for
	stale  []string             // URIs to be checked, the next first
	wake   chan struct{}
}

func newWorkspace() workspace {
	return workspace{open: map[string]*document{}, wanted: map[string][]string{}, wake: make(chan struct{}, 1)}
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
	c.put(d.edited(p.TextDocument.Version, p.ContentChanges))
	return nil, nil
}

func (c *connection) didClose(ctx context.Context, p openParams) (any, error) {
	c.lock.Lock()
	uri := p.TextDocument.URI
	delete(c.open, uri)
	delete(c.wanted, uri)
	c.stale = slices.DeleteFunc(c.stale, func(s string) bool { return s == uri })
	c.lock.Unlock()
	c.mark("", fileOf(uri))
	return nil, c.rpc.Notify(ctx, "textDocument/publishDiagnostics", publishParams{URI: uri, Diagnostics: []diagnostic{}})
}

// didChangeFiles has those checked again that call what has changed on the disk.
func (c *connection) didChangeFiles(_ context.Context, p watchedParams) (any, error) {
	for _, f := range p.Changes {
		c.mark("", fileOf(f.URI))
	}
	return nil, nil
}

// document is the newest version of what is open.
func (c *connection) document(uri string) (*document, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if d := c.open[uri]; d != nil {
		return d, nil
	}
	return nil, jrpc2.Errorf(jrpc2.InvalidParams, "%s is not open", uri)
}

// put takes over a new version.
func (c *connection) put(d *document) {
	c.lock.Lock()
	c.open[d.uri] = d
	c.lock.Unlock()
	c.mark(d.uri, d.file)
}

// mark has a document checked, and then those that call it.
func (c *connection) mark(uri, file string) {
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
	for other, names := range c.wanted {
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

// loader finds the workflows that a document calls: those that are open as they are in the editor, then those of the library.
func (c *connection) loader(d *document, wanted func(name string)) program.Loader {
	return program.Loader{Registry: c.Registry, Find: func(name string) (string, []byte, error) {
		wanted(name)
		found, err := c.Library.Find(name, d.folders()...)
		return found.File, found.Text, err
	}}
}

// folders returns the folder of the document's file, where the workflows that it calls are found
// first. A document that is not on disk has none.
func (d *document) folders() []string {
	if !onDisk(d.uri) {
		return nil
	}
	return []string{filepath.Dir(filepath.FromSlash(d.file))}
}

// names lists the workflows that a document can call.
func (c *connection) names(d *document) []string {
	names, err := c.Library.Names(d.folders()...)
	if err != nil { // the others can be called; a check that needs the folder reports it
		c.Log.Debug("not all workflows are listed", "error", err)
	}
	return names
}

// openText is the text of a file that is open.
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
