package ism

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/go-resty/resty/v2"

	"errand/engine/schema"
	"errand/engine/task"
)

// An envelope is the form of every answer. A call failed if the HTTP status is not 2xx or the error
// is not null. An error can come with status 200.
type envelope struct {
	Data  json.RawMessage `json:"data"`
	Error json.RawMessage `json:"error"`
}

// unwrap returns an answer's data, or the failure that the answer reports.
func (s *session) unwrap(answer *resty.Response) (json.RawMessage, error) {
	status, kind := answer.StatusCode(), answer.Header().Get("Content-Type")
	good := status >= 200 && status < 300
	body, err := task.UTF8(kind, answer.Body())
	if err != nil && good {
		return nil, unreadableAnswer(status, "it "+err.Error())
	}
	body = bytes.TrimSpace(body)
	if good && len(body) == 0 && status != http.StatusOK { // created, or no content
		return nil, nil
	}
	var e envelope
	readable := len(body) > 0 && body[0] == '{' && json.Unmarshal(body, &e) == nil && (e.Data != nil || e.Error != nil)
	text := errorText(e.Error)
	switch {
	case good && !readable:
		return nil, unreadableAnswer(status, s.scrub(unexpected(kind, body)))
	case good && text == "":
		return e.Data, nil
	}
	return nil, refusal(answer.RawResponse, s.scrub(task.WebPage(kind, body)), s.scrub(text))
}

// unexpected says what a body is that is not an envelope.
func unexpected(contentType string, body []byte) string {
	page, kind := task.WebPage(contentType, body), task.MediaType(contentType)
	switch {
	case page != "":
		return "it is " + page + "; is the address a log-in page?"
	case kind != "" && kind != "application/json" && kind != "text/json":
		return "it is " + schema.Show(kind) + ", not the JSON that ISM sends"
	}
	return "it is not the JSON that ISM sends"
}

// errorText returns the envelope's error as text. The form of the error is not documented. It is a
// text, or an object with a message; any other JSON is shown unchanged. Null, an empty text and an
// empty object mean that there is no error.
func errorText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) == nil {
		if len(object) == 0 {
			return ""
		}
		for _, name := range []string{"message", "Message"} {
			if json.Unmarshal(object[name], &text) == nil && text != "" {
				return text
			}
		}
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil || b.String() == "null" {
		return ""
	}
	return b.String()
}
