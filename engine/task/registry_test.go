package task_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"errand/engine/task"
)

type concealing struct{}

func (concealing) Text(text string) string { return strings.ReplaceAll(text, "canary", task.Concealed) }

func (c concealing) JSON(data []byte) []byte { return []byte(c.Text(string(data))) }

// What a connector says about a credential is masked like the replies of its tasks.
func TestConnectorsAreMasked(t *testing.T) {
	c := task.Connector{
		Name: "cloud",
		Ready: func(context.Context, string) error {
			return &task.Failure{Code: task.CodeCredential, Message: "no canary", Details: []task.Detail{{Name: task.DetailAdvice, Value: "store a canary"}}}
		},
		Validate: func(context.Context, string) []task.Check {
			return []task.Check{{Parameter: "key", Message: "is refused: canary"}}
		},
	}
	masked, _ := task.NewRegistry(c, task.Connector{Name: "plain"}).WithMasker(concealing{}).Connector("cloud")
	f, ok := masked.Ready(t.Context(), "").(*task.Failure)
	if !ok || f.Message != "no [secret]" || f.Details[0].Value != "store a [secret]" || f.Code != task.CodeCredential {
		t.Errorf("Ready says %+v", f)
	}
	if checks := masked.Validate(t.Context(), ""); len(checks) != 1 || checks[0].Message != "is refused: [secret]" {
		t.Errorf("Validate says %+v", checks)
	}
	if checks := c.Validate(t.Context(), ""); checks[0].Message != "is refused: canary" {
		t.Errorf("the caller's connector says %+v", checks)
	}
}

// The variables with secrets are those of encrypted parameters, and those that a connector adds.
func TestSecretVariables(t *testing.T) {
	c := task.Connector{Secrets: []string{"TOKEN"}, Credential: []task.Parameter{
		{Name: "key", Encrypted: true, Variable: "KEY"}, {Name: "url", Variable: "URL"}, {Name: "word", Encrypted: true},
	}}
	if got := c.SecretVariables(); !slices.Equal(got, []string{"TOKEN", "KEY"}) {
		t.Errorf("got %q", got)
	}
}
