// Package webhook holds the credential of webhooks: messages that a desk sends to Errand, and
// messages that Errand sends. They are signed as Standard Webhooks has it. The connector has no task
// types.
//
// In reading order: connector.go (the credential), key.go (signatures).
package webhook

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"

	"errand/engine/task"
)

// Names of the credential's parameters.
const (
	secretParameter = "secret"
	urlParameter    = "url"
)

// Connector returns the connector of webhooks. It makes no request.
func Connector(env task.Environment) task.Connector {
	return task.Connector{
		Name: "webhook", Title: "Webhooks",
		Description: "Lets a desk start workflows by signed messages, and tells another system by signed messages that a run needs a person.",
		Credential: []task.Parameter{
			{Name: secretParameter, Title: "Secret", Encrypted: true, Required: true,
				Description: "The secret that signs the messages, as Standard Webhooks writes it: whsec_ and 24 to 64 random bytes in base64."},
			{Name: urlParameter, Title: "URL", Group: task.Address,
				Description: "Where Errand sends messages, such as https://hooks.example.com/errand. Messages that come in need none."},
		},
		Ready:    func(ctx context.Context, name string) error { _, err := Find(ctx, env, name); return err },
		Fit:      fit,
		Target:   func(v task.Values) string { return strings.TrimSpace(v.Reveal(urlParameter)) },
		Validate: func(ctx context.Context, name string) []task.Check { return validate(ctx, env, name) },
	}
}

// A Credential is a stored credential that can be used.
type Credential struct {
	Key Key
	URL string // where messages go; empty if none are sent
}

// Find returns the credential of a webhook. Its error is a local *task.Failure.
func Find(ctx context.Context, env task.Environment, name string) (Credential, error) {
	stored, err := env.Find(ctx, "webhook", name)
	if err != nil {
		if _, ok := errors.AsType[*task.Failure](err); ok {
			return Credential{}, err
		}
		return Credential{}, badCredential("the stored credential cannot be read: " + err.Error())
	}
	if stored == nil {
		return Credential{}, badCredential("no credential of webhook is stored")
	}
	c := Credential{URL: strings.TrimSpace(stored.Reveal(urlParameter))}
	if c.Key, err = ParseKey(strings.TrimSpace(stored.Reveal(secretParameter))); err != nil {
		return Credential{}, badCredential("the secret " + err.Error())
	}
	if err := checkURL(c.URL); err != nil {
		return Credential{}, badCredential("the url " + err.Error())
	}
	return c, nil
}

func badCredential(message string) *task.Failure {
	return &task.Failure{Code: task.CodeCredential, Message: message, Local: true}
}

// fit checks the form of a credential's values.
func fit(v task.Values) []task.Check {
	var wrong []task.Check
	if secret := strings.TrimSpace(v.Reveal(secretParameter)); secret != "" {
		if _, err := ParseKey(secret); err != nil {
			wrong = append(wrong, task.Check{Parameter: secretParameter, Message: err.Error()})
		}
	}
	if err := checkURL(strings.TrimSpace(v.Reveal(urlParameter))); err != nil {
		wrong = append(wrong, task.Check{Parameter: urlParameter, Message: err.Error()})
	}
	return wrong
}

// checkURL checks where messages go. None is accepted. A message is not encrypted by its signature,
// so http is for this machine only.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("is not an http or https URL; write it like https://hooks.example.com/errand")
	case u.User != nil || u.Fragment != "":
		return errors.New("has a user or a fragment; write it like https://hooks.example.com/errand")
	case u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		return errors.New("is not https, so others could read the messages; write it like https://hooks.example.com/errand")
	}
	return nil
}

// validate checks a stored credential. Only the sender of a message can try more.
func validate(ctx context.Context, env task.Environment, name string) []task.Check {
	if _, err := Find(ctx, env, name); err != nil {
		message := err.Error()
		if f, ok := errors.AsType[*task.Failure](err); ok {
			message = f.ForOperators()
		}
		return []task.Check{{Message: message}}
	}
	return []task.Check{{Parameter: secretParameter, OK: true, Message: "is long enough; whether the sender has the same one shows with its first message"}}
}
