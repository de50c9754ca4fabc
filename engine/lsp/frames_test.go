package lsp_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"errand/engine/lsp"
)

// A client that does not keep to the protocol is refused in words, without the memory that it asks
// for.
func TestWrongFrames(t *testing.T) {
	for _, test := range []struct{ name, sent, want string }{
		{"a huge length", "Content-Length: 300000000000\r\n\r\n", "a message has 300000000000 bytes; at most 67108864 are allowed"},
		{"a length above the limit", "Content-Length: 67108865\r\n\r\n{", "a message has 67108865 bytes; at most 67108864 are allowed"},
		{"a length of many digits", "Content-Length: " + strings.Repeat("9", 30) + "\r\n\r\n", strings.Repeat("9", 30) + " bytes; at most"},
		{"a length that is not sent", "Content-Length: 67108864\r\n\r\n{}", "a message of 67108864 bytes ends after 2"},
		{"a negative length", "Content-Length: -1\r\n\r\n", `expected a number of bytes after Content-Length, not "-1"`},
		{"a length in words", "Content-Length: many\r\n\r\n", `expected a number of bytes after Content-Length, not "many"`},
		{"no length", "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}", "the header of a message has no Content-Length"},
		{"no header", "{\"jsonrpc\": \"2.0\"\n", "the header of a message is not complete"},
		{"a line that is no header", "hello\r\n\r\n", `expected a header such as Content-Length: 100, not "hello"`},
		{"a header that ends", "Content-Length: 3", "the header of a message is not complete"},
		{"a header without an end", "Content-Length: 3\r\n", "the header of a message is not complete"},
		{"a line without an end", strings.Repeat("x", 5000), "a line of a header is longer than 4096 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			go func() {
				_, _ = io.WriteString(c.to, test.sent) // fails if the server has left
				_ = c.to.Close()
			}()
			err := <-c.ended
			if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 16<<20 {
				t.Errorf("%d bytes were allocated", after.TotalAlloc-before.TotalAlloc)
			}
			if !errors.Is(err, lsp.ErrFrame) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the server ended with %v, want %q", err, test.want)
			}
		})
	}
}

// What the protocol allows in a header is accepted: names in any case, lines that end in LF alone,
// other fields, and both names of UTF-8.
func TestRightFrames(t *testing.T) {
	c := connect(t)
	for i, header := range []string{"content-length: %d\r\n\r\n", "CONTENT-LENGTH:%d\n\n", "X-Other: a: b\r\nContent-Length:  %d \r\n\r\n", "Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: %d\r\n\r\n"} {
		body := fmt.Sprintf(`{"jsonrpc": "2.0", "id": %d, "method": "textDocument/hover", "params": {}}`, i+1)
		if _, err := fmt.Fprintf(c.to, header+"%s", len(body), body); err != nil {
			t.Fatal(err)
		}
		if m := c.reply(i + 1); m.Error == nil || !strings.Contains(m.Error.Message, "before initialize") {
			t.Errorf("%q: %s", header, m.Body)
		}
	}
}
