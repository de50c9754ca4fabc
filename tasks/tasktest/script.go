package tasktest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
)

// A Script is a transport that answers requests one after the other. Its last answer is repeated
// for every further request. It keeps the requests and their bodies.
type Script struct {
	Answers  []Answer
	Requests []*http.Request
	Bodies   []string
}

// An Answer is what a Script does with one request.
type Answer struct {
	Status     int
	Body       string
	RetryAfter string
	Header     map[string]string
	Cut        bool  // the connection breaks within the body
	Err        error // in place of an answer, after the request was sent
	Refused    error // in place of an answer, before the request is sent
}

// Unsent returns a script that keeps requests and sends none.
func Unsent() *Script { return &Script{Answers: []Answer{{Refused: http.ErrHandlerTimeout}}} }

// RoundTrip implements http.RoundTripper. Like net/http's transport it sends nothing if the context
// is done, and tells httptrace when a request was sent.
func (s *Script) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	a := s.Answers[min(len(s.Bodies), len(s.Answers)-1)]
	s.Requests, s.Bodies = append(s.Requests, r), append(s.Bodies, string(body))
	if a.Refused != nil {
		return nil, a.Refused
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.WroteHeaders()
	}
	if a.Err != nil {
		return nil, a.Err
	}
	var reader io.Reader = strings.NewReader(a.Body)
	if a.Cut {
		reader = io.MultiReader(reader, broken{})
	}
	header := http.Header{"Location": {"https://elsewhere.example.com/"}} // matters under a 3xx status only
	for name, value := range a.Header {
		header.Set(name, value)
	}
	if a.RetryAfter != "" {
		header.Set("Retry-After", a.RetryAfter)
	}
	return &http.Response{
		StatusCode: a.Status, Status: strconv.Itoa(a.Status), ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(reader), ContentLength: -1, Request: r,
	}, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

// Silent is a transport that sends a request, calls Sent if it is not nil, and never answers.
type Silent struct{ Sent func() }

// RoundTrip implements http.RoundTripper. It returns when the request's context is done.
func (s Silent) RoundTrip(r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).WroteHeaders()
	if s.Sent != nil {
		s.Sent()
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}
