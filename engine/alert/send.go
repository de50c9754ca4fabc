package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"errand/engine/task"
	"errand/tasks/webhook"
)

// A Kind says what a question is about.
type Kind string

// The kinds of questions.
const (
	Approval  Kind = "approval"
	Uncertain Kind = "uncertain" // nobody knows whether a step took effect
)

// A Message says that a run needs a person. It has nothing of what a ticket or another system said.
type Message struct {
	ID       string    `json:"-"` // the same if the message is sent again
	Run      string    `json:"run"`
	Request  string    `json:"request"`
	Workflow string    `json:"workflow"`
	Step     string    `json:"step"` // its key
	Kind     Kind      `json:"kind"`
	Since    time.Time `json:"since"`
}

// An envelope is the body of a message.
type envelope struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // when the question was asked
	Data      Message   `json:"data"`
}

// messageType is the type of all messages.
const messageType = "run.needs_person"

// sendTimeout is how long a receiver may take for its answer.
const sendTimeout = 15 * time.Second

// send sends a message and waits until the receiver has accepted it with a status 2xx. Its error is a
// *task.Failure, which contains neither the address nor the answer.
func (s *Sender) send(ctx context.Context, m Message) error {
	credential, err := webhook.Find(ctx, s.Environment, s.Name)
	if err != nil {
		return err
	}
	if credential.URL == "" {
		return &task.Failure{Code: task.CodeCredential, Message: "the credential of webhook has no url", Local: true}
	}
	body, err := json.Marshal(envelope{Type: messageType, Timestamp: m.Since, Data: m})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, credential.URL, bytes.NewReader(body))
	if err != nil {
		return &task.Failure{Code: task.CodeCredential, Message: "the url of the credential cannot be used", Local: true}
	}
	request.Header.Set("Content-Type", "application/json")
	if err := credential.Key.Sign(request.Header, m.ID, time.Now(), body); err != nil {
		return err
	}
	answer, err := s.client().Do(request)
	if err != nil {
		return &task.Failure{Code: task.CodeUnreachable, Message: "the receiver of alerts cannot be reached", Transient: true}
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection can be used again
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return &task.Failure{
			Code: fmt.Sprintf("http_%d", answer.StatusCode), Status: answer.StatusCode, RetryAfter: task.RetryAfter(answer.Header),
			Message: fmt.Sprintf("the receiver of alerts answered %d %s", answer.StatusCode, http.StatusText(answer.StatusCode)),
		}
	}
	return nil
}

// client returns a client that follows no redirect: the message would go to another address than the
// credential's.
func (s *Sender) client() *http.Client {
	return &http.Client{
		Transport:     s.Environment.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// isAnswer reports whether the receiver has answered a message, so that another one may be accepted.
func isAnswer(err error) bool {
	f, ok := errors.AsType[*task.Failure](err)
	return ok && f.Status != 0
}
