package ism

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"errand/engine/schema"
	"errand/engine/task"
)

const (
	requestTimeout = 30 * time.Second // from the connection to the end of the answer
	answerLimit    = 1 << 20          // the largest answer, in bytes, after it is decompressed
)

// A system is ISM as the connector's environment reaches it.
type system struct {
	env       task.Environment
	transport http.RoundTripper // one for all sessions, so that connections are reused
}

// A session is a client with a credential, for one call.
type session struct {
	access
	client *resty.Client
}

// open returns a session with the call's credential. If the call has Recover, a failure is unknown:
// it does not settle what an earlier attempt did.
func (s *system) open(ctx context.Context, call task.Call) (*session, error) {
	a, err := s.access(ctx, call.Credential)
	if err != nil {
		if call.Recover {
			err = task.AsUnknown(err)
		}
		return nil, err
	}
	return s.session(a), nil
}

// session returns a session with a credential.
func (s *system) session(a access) *session {
	noRedirect := resty.RedirectPolicyFunc(func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
	client := resty.NewWithClient(&http.Client{Transport: s.transport, Timeout: requestTimeout}).
		SetRetryCount(0).
		SetRedirectPolicy(noRedirect). // a redirect would send the tokens to another host
		SetResponseBodyLimit(answerLimit).
		SetJSONEscapeHTML(false).
		SetLogger(noLog{}).
		SetHeaders(a.headers).
		SetHeader("Content-Type", "application/json").
		SetHeader("Accept", "application/json")
	return &session{a, client}
}

// read makes a request that changes nothing, so its failure is never unknown. What it returns has
// no number that a value of the language cannot hold.
func (s *session) read(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	if len(query) > 0 {
		path += "?" + encode(query)
	}
	data, err := s.send(ctx, http.MethodGet, path, nil)
	if f, ok := errors.AsType[*task.Failure](err); ok {
		f.Unknown = false
	}
	if err != nil || data == nil {
		return nil, err
	}
	if _, err := anything.Decode(data); err != nil {
		return nil, &task.Failure{Code: codeError, Message: "ISM's answer cannot be used: " + s.scrub(err.Error()), Status: http.StatusOK}
	}
	return data, nil
}

var anything = schema.Of(schema.Any)

// encode returns a query. A blank is %20: not every server reads a plus as a blank.
func encode(query url.Values) string { return strings.ReplaceAll(query.Encode(), "+", "%20") }

// send makes one request and returns the answer's data. Its error is a *task.Failure.
func (s *session) send(ctx context.Context, method, path string, body any) (json.RawMessage, error) {
	answer, err := s.exchange(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	return s.unwrap(answer)
}

// exchange makes one request and returns the answer. Its error is a *task.Failure.
func (s *session) exchange(ctx context.Context, method, path string, body any) (*resty.Response, error) {
	ctx, sent := task.Watch(ctx)
	request := s.client.R().SetContext(ctx)
	if body != nil {
		request.SetBody(body)
	}
	answer, err := request.Execute(method, s.base+path)
	if answer != nil {
		task.NoteDate(ctx, answer.Header())
	}
	switch {
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		f := unreadableAnswer(answer.StatusCode(), "it is longer than 1 MiB")
		f.Code = codeTooLong
		return nil, f
	case err != nil && answer != nil && answer.StatusCode() != 0:
		return nil, unreadableAnswer(answer.StatusCode(), "it is incomplete")
	case err != nil:
		f := sent.Failure("ISM", err)
		f.Message = s.scrub(f.Message)
		return nil, f
	}
	return answer, nil
}

// noLog discards what the client logs: the addresses and errors of requests.
type noLog struct{}

func (noLog) Errorf(string, ...any) {}
func (noLog) Warnf(string, ...any)  {}
func (noLog) Debugf(string, ...any) {}
