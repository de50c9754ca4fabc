package lsp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/textproto"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"errand/definitions"
	"errand/engine/diag"
	"errand/engine/golden"
	"errand/engine/library"
	"errand/engine/lsp"
	"errand/engine/task"
	"errand/tasks"
)

// A client is an editor that writes and reads frames itself, at the other end of two pipes.
type client struct {
	t     testing.TB
	to    *io.PipeWriter
	from  chan message  // the server's messages, in order
	last  int           // the number of the last request
	news  []message     // notifications that no test has read yet
	ended chan error    // what Serve returned
	slow  chan struct{} // see slowFiles
	log   *serverLog
	views string // the folder of shipped workflows that the server writes
}

type message struct {
	Body   []byte          `json:"-"`
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

var registry = task.NewRegistry(tasks.Connectors(task.Environment{})...)

// connect starts a server and a client, which has sent nothing yet.
func connect(t testing.TB) *client {
	t.Helper()
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	c := &client{t: t, to: toServer, from: make(chan message, 1<<14), ended: make(chan error, 1), slow: make(chan struct{}), log: &serverLog{}}
	c.views = filepath.Join(t.TempDir(), "views")
	server := lsp.Server{
		Registry: registry, Library: library.Library{Shipped: slowFiles{c.slow}}, Log: slog.New(slog.NewTextHandler(c.log, nil)), Version: "v1", Parts: definitions.Schemas, Views: c.views,
		TestCase: func(l library.Library, file string, document []byte) ([]diag.Problem, []string) {
			return golden.Bench{Connectors: tasks.Connectors, Library: l}.Problems(file, document)
		},
	}
	go func() {
		err := server.Serve(context.Background(), fromClient, toClient)
		toClient.Close()
		fromClient.Close()
		c.ended <- err
	}()
	go func() {
		defer close(c.from)
		if err := listen(fromServer, c.from); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		toServer.Close()
		for range c.from { // the remaining messages are discarded
		}
	})
	return c
}

// start is connect, followed by the first messages of every editor.
func start(t testing.TB, encodings ...string) *client {
	t.Helper()
	c := connect(t)
	c.call("initialize", map[string]any{"capabilities": map[string]any{"general": map[string]any{"positionEncodings": encodings}}})
	c.notify("initialized", map[string]any{})
	return c
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.to, "Content-Length: %d\r\n\r\n%s", len(text), text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) notify(method string, params any) {
	c.t.Helper()
	c.send(encode(c.t, map[string]any{"jsonrpc": "2.0", "method": method, "params": params}))
}

// ask sends a request and returns its number.
func (c *client) ask(method string, params any) int {
	c.t.Helper()
	c.last++
	c.send(encode(c.t, map[string]any{"jsonrpc": "2.0", "id": c.last, "method": method, "params": params}))
	return c.last
}

// call sends a request and waits for its result.
func (c *client) call(method string, params any) json.RawMessage {
	c.t.Helper()
	m := c.reply(c.ask(method, params))
	if m.Error != nil {
		c.t.Fatalf("%s: error %d: %s", method, m.Error.Code, m.Error.Message)
	}
	return m.Result
}

// reply waits for the answer to a request and keeps the messages before it. The answer may have
// been read during an earlier wait.
func (c *client) reply(id int) message {
	c.t.Helper()
	answers := func(m message) bool { return m.Method == "" && string(m.ID) == strconv.Itoa(id) }
	if at := slices.IndexFunc(c.news, answers); at >= 0 {
		m := c.news[at]
		c.news = slices.Delete(c.news, at, at+1)
		return m
	}
	for {
		m := c.read()
		if answers(m) {
			return m
		}
		c.news = append(c.news, m)
	}
}

func (c *client) read() message {
	c.t.Helper()
	m, ok := <-c.from
	if !ok {
		c.t.Fatalf("the server has disconnected\n%s", c.log)
	}
	return m
}

// listen reads frames until the stream ends.
func listen(from io.Reader, to chan<- message) error {
	r := bufio.NewReader(from)
	for {
		header, err := textproto.NewReader(r).ReadMIMEHeader()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return err
		}
		m := message{Body: make([]byte, length)}
		if _, err := io.ReadFull(r, m.Body); err != nil {
			return err
		}
		if err := json.Unmarshal(m.Body, &m); err != nil {
			return err
		}
		to <- m
	}
}

type published struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

type diagnostic struct {
	Range    span   `json:"range"`
	Severity int    `json:"severity"`
	Code     string `json:"code"`
	Source   string `json:"source"`
	Message  string `json:"message"`
}

type place struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type span struct {
	Start place `json:"start"`
	End   place `json:"end"`
}

// published waits for the diagnostics of a document.
func (c *client) published(uri string) published {
	c.t.Helper()
	for {
		var m message
		if len(c.news) > 0 {
			m, c.news = c.news[0], c.news[1:]
		} else {
			m = c.read()
		}
		if m.Method != "textDocument/publishDiagnostics" {
			continue
		}
		if p := decode[published](c.t, m.Params); p.URI == uri {
			return p
		}
	}
}

func (c *client) open(uri, text string) {
	c.t.Helper()
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
}

// change sends changes of the form {"range","text"}.
func (c *client) change(uri string, version int, changes ...any) {
	c.t.Helper()
	c.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri, "version": version}, "contentChanges": changes})
}

func encode(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func decode[T any](t testing.TB, data json.RawMessage) (v T) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}

// A slowFiles is the shipped workflows. Opening "slow" blocks until the channel is closed. Opening
// "broken" panics.
type slowFiles struct{ slow chan struct{} }

func (s slowFiles) Open(name string) (fs.File, error) {
	switch {
	case name == "broken.yaml":
		panic("the file is broken")
	case name == "slow.yaml" && s.slow != nil:
		<-s.slow
	}
	return definitions.Files.Open(name)
}

// closed is a library without files that are open in an editor.
var closed = library.Library{Opened: func(string) ([]byte, bool) { return nil, false }}
