package lsp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/task"
)

// A Server is a language server for one client.
type Server struct {
	Registry *task.Registry
	Library  library.Library // finds the workflows that definitions call; Opened is set by Serve
	Log      *slog.Logger    // for faults in the server; must not write to the standard output
	Version  string

	// Parts has the JSON Schemas of the parts of a test case and of an intake file, by their names, such
	// as case.yaml.
	Parts map[string][]byte

	// TestCase checks a test case with the workflows of a library. It returns the problems, and the names
	// of the workflows that the case needs. If it is nil, no test case has problems.
	TestCase func(l library.Library, file string, document []byte) (problems []diag.Problem, workflows []string)

	// Views is a folder in which the server writes the shipped workflows that an editor goes to, as
	// read-only files. If it is empty, the server goes to no shipped workflow.
	Views string
}

// ErrNoShutdown is the error of Serve if the client disconnects without the request shutdown.
var ErrNoShutdown = errors.New("the client disconnected without shutdown")

// Serve serves one client until the client disconnects or the context ends.
func (s Server) Serve(ctx context.Context, in io.Reader, out io.WriteCloser) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &connection{Server: s, workspace: newWorkspace(), leave: cancel, grammar: newGrammar(s.Registry), parts: map[string]*grammar{}}
	for name, schema := range s.Parts {
		c.parts[name] = &grammar{document: readSchema(schema)}
	}
	if g := c.intakeGrammar(); g != nil {
		g.order = slices.Concat(definition.IntakeKeys, definition.IntakeRuleKeys)
	}
	c.Library.Opened = c.openText
	c.rpc = jrpc2.NewServer(c, &jrpc2.ServerOptions{
		AllowPush: true, DisableBuiltin: true, Concurrency: requestsAtOnce,
		NewContext: func() context.Context { return ctx },
	})
	input := closableReader(in)
	c.rpc.Start(cancelChannel{newFrames(input, out)})
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.checks(ctx)
	}()
	context.AfterFunc(ctx, func() {
		c.rpc.Stop()
		input.Close()
	})
	err := c.rpc.Wait()
	ended := ctx.Err() != nil // by exit, or by the caller
	cancel()
	<-done
	switch {
	case err != nil && !ended && !errors.Is(err, io.EOF):
		return fmt.Errorf("the connection failed: %w", err)
	case c.state.Load() != stateShut:
		return ErrNoShutdown
	}
	return nil
}

// A cancelChannel corrects the answer to a request that was cancelled before its handler
// began: the library of JSON-RPC sends another code than the protocol demands.
type cancelChannel struct{ channel.Channel }

// Send implements channel.Channel. It cannot change a text inside the message, because quotes are
// escaped there.
func (c cancelChannel) Send(message []byte) error {
	theirs := fmt.Appendf(nil, `"error":{"code":%d,`, jrpc2.Cancelled)
	ours := fmt.Appendf(nil, `"error":{"code":%d,`, requestCancelled)
	return c.Channel.Send(bytes.Replace(message, theirs, ours, 1))
}

// closableReader returns a stream that can be closed during a read, unlike the standard input. The
// data of such a read is lost.
func closableReader(in io.Reader) io.ReadCloser {
	out, copied := io.Pipe()
	go func() {
		_, err := io.Copy(copied, in)
		copied.CloseWithError(err)
	}()
	return out
}

// requestsAtOnce is the number of requests that are handled concurrently, so that a slow one does
// not delay the next.
const requestsAtOnce = 4

// The states of a connection.
const (
	stateNew int32 = iota
	stateReady
	stateShut
)

// A connection is the state of one client.
type connection struct {
	Server
	workspace
	grammar *grammar
	parts   map[string]*grammar // by the name of a part of a test case
	rpc     *jrpc2.Server
	state   atomic.Int32
	leave   func() // ends the connection
}

// methods are the supported methods.
var methods = map[string]jrpc2.Handler{
	"initialize":                      handle((*connection).initialize),
	"initialized":                     handle((*connection).initialized),
	"shutdown":                        handle((*connection).shutdown),
	"exit":                            handle((*connection).exit),
	"$/cancelRequest":                 handle((*connection).cancel),
	"textDocument/didOpen":            handle((*connection).didOpen),
	"textDocument/didChange":          handle((*connection).didChange),
	"textDocument/didClose":           handle((*connection).didClose),
	"workspace/didChangeWatchedFiles": handle((*connection).didChangeFiles),
	"textDocument/completion":         handle((*connection).completion),
	"textDocument/definition":         handle((*connection).definition),
	"textDocument/references":         handle((*connection).references),
	"textDocument/prepareRename":      handle((*connection).prepareRename),
	"textDocument/rename":             handle((*connection).rename),
	"textDocument/documentSymbol":     handle((*connection).symbols),
	"textDocument/codeAction":         handle((*connection).actions),
	"textDocument/hover":              handle((*connection).hover),
}

type connectionKey struct{}

// Assign returns the handler of a method. A handler refuses requests before initialize and after
// shutdown.
func (c *connection) Assign(_ context.Context, method string) jrpc2.Handler {
	h, known := methods[method]
	if !known {
		return nil
	}
	return func(ctx context.Context, r *jrpc2.Request) (answer any, err error) {
		defer func() {
			if p := recover(); p != nil {
				c.Log.Error("a request failed", "method", method, "panic", p, "stack", string(debug.Stack()))
				err = jrpc2.Errorf(jrpc2.InternalError, "%s failed: %v", method, p)
			}
		}()
		switch state := c.state.Load(); {
		case method == "exit":
		case state == stateNew && method != "initialize":
			return nil, jrpc2.Errorf(serverNotInitialized, "%s before initialize", method)
		case state == stateReady && method == "initialize":
			return nil, jrpc2.Errorf(jrpc2.InvalidRequest, "initialize was already sent")
		case state == stateShut:
			return nil, jrpc2.Errorf(jrpc2.InvalidRequest, "%s after shutdown", method)
		}
		answer, err = h(context.WithValue(ctx, connectionKey{}, c), r)
		if ctx.Err() != nil {
			return nil, jrpc2.Errorf(requestCancelled, "%s was cancelled", method)
		}
		return answer, err
	}
}

// Error codes of the protocol.
const (
	serverNotInitialized jrpc2.Code = -32002
	requestFailed        jrpc2.Code = -32803
	requestCancelled     jrpc2.Code = -32800
)

// handle converts a method with parameters to a handler.
func handle[P any](f func(*connection, context.Context, P) (any, error)) jrpc2.Handler {
	return func(ctx context.Context, r *jrpc2.Request) (any, error) {
		var params P
		if err := r.UnmarshalParams(&params); err != nil {
			return nil, jrpc2.Errorf(jrpc2.InvalidParams, "%v", err)
		}
		return f(ctx.Value(connectionKey{}).(*connection), ctx, params)
	}
}

type noParams struct{}

func (c *connection) initialize(_ context.Context, p initializeParams) (any, error) {
	encoding := "utf-16"
	if slices.Contains(p.Capabilities.General.PositionEncodings, "utf-8") {
		encoding = "utf-8"
	}
	c.inBytes = encoding == "utf-8"
	c.watches = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
	c.state.Store(stateReady)
	type object = map[string]any
	return object{
		"serverInfo": object{"name": "errand", "version": c.Version},
		"capabilities": object{
			"positionEncoding":       encoding,
			"textDocumentSync":       object{"openClose": true, "change": 2},
			"hoverProvider":          true,
			"definitionProvider":     true,
			"referencesProvider":     true,
			"renameProvider":         object{"prepareProvider": true},
			"documentSymbolProvider": true,
			"codeActionProvider":     object{"codeActionKinds": []string{kindQuickFix, kindFixAll}},
			"completionProvider":     object{"triggerCharacters": []string{".", " ", "{", "#"}},
		},
	}, nil
}

// initialized asks the client to report files that change on disk.
func (c *connection) initialized(ctx context.Context, _ noParams) (any, error) {
	if !c.watches {
		return nil, nil
	}
	type object = map[string]any
	registration := object{"registrations": []object{{
		"id": "files", "method": "workspace/didChangeWatchedFiles",
		"registerOptions": object{"watchers": []object{{"globPattern": "**/*.{json,yaml,yml}"}}},
	}}}
	go func() { // a call in this request would block the reader of its answer
		if _, err := c.rpc.Callback(ctx, "client/registerCapability", registration); err != nil {
			c.Log.Warn("files are not watched", "error", err)
		}
	}()
	return nil, nil
}

func (c *connection) shutdown(context.Context, noParams) (any, error) {
	c.state.Store(stateShut)
	return nil, nil
}

func (c *connection) exit(context.Context, noParams) (any, error) {
	c.leave()
	return nil, nil
}

func (c *connection) cancel(_ context.Context, p struct {
	ID any `json:"id"`
}) (any, error) {
	switch id := p.ID.(type) {
	case string:
		c.rpc.CancelRequest(fmt.Sprintf("%q", id))
	case float64:
		c.rpc.CancelRequest(fmt.Sprintf("%.0f", id))
	}
	return nil, nil
}
