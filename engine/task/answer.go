package task

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"strings"

	"errand/engine/pattern"
)

// ErrTooLong is the error for a body that is longer than allowed.
var ErrTooLong = errors.New("it is too long")

// ReadAll reads a body to its end. If the body is longer than limit bytes, ReadAll reads no further
// and returns ErrTooLong. A body that the transport decompresses is measured after that.
func ReadAll(body io.Reader, limit int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
	if len(data) > limit {
		return nil, ErrTooLong
	}
	return data, err
}

// MediaType returns the media type in a header Content-Type, in lower case, or "".
func MediaType(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// charset returns the charset that a header Content-Type declares, in lower case, or "".
func charset(contentType string) string {
	_, parameters, _ := mime.ParseMediaType(contentType) // what cannot be read declares nothing
	return strings.ToLower(parameters["charset"])
}

// WebPage returns a description of an answer that is a web page, such as a log-in page or the page
// of a gateway. The description follows the word "is". WebPage returns "" for any other answer.
func WebPage(contentType string, body []byte) string {
	start := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	page := bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
	if kind := MediaType(contentType); kind != "text/html" && kind != "application/xhtml+xml" && !page {
		return ""
	}
	title := ""
	if found := titleElement.Regexp().FindSubmatch(body[:min(len(body), 64<<10)]); found != nil {
		title = strings.Join(strings.Fields(html.UnescapeString(string(found[1]))), " ")
	}
	if title == "" {
		return "a web page without a title"
	}
	const longest = 100
	if runes := []rune(title); len(runes) > longest {
		title = string(runes[:longest]) + "…"
	}
	return fmt.Sprintf("a web page titled %q", title)
}

var titleElement = pattern.New(`(?is)<title[^>]*>(.*?)</title`)
