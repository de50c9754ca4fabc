package task_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"log"
	"log/slog"
	"strings"
	"testing"
	text "text/template"

	"gopkg.in/yaml.v3"

	"errand/engine/task"
)

const canary = "canary-8c1f"

// canaries are the forms of the canary in the usual encodings.
var canaries = []string{canary, "63616e6172792d38633166", "63616E6172792D38633166", "Y2FuYXJ5LThjMWY", "[99 97 110 97"}

func shown(t *testing.T, how, out string) {
	t.Helper()
	for _, c := range canaries {
		if strings.Contains(out, c) {
			t.Errorf("%s shows %s", how, out)
		}
	}
}

type holder struct {
	Shown  task.Secret
	hidden task.Secret
	far    *task.Secret
	any    any
	list   []task.Secret
	values task.Values
}

// Every verb with flags is tried on a secret and on values that contain one, in fields whose
// methods fmt may call and in others.
func TestASecretIsNeverPrinted(t *testing.T) {
	s := task.NewSecret(canary)
	h := holder{s, s, &s, s, []task.Secret{s}, task.Values{"a": s}}
	holders := map[string]any{
		"a secret": s, "a pointer": &s, "a struct": h, "a pointer to a struct": &h, "a list": []task.Secret{s}, "an array": [1]task.Secret{s},
		"a map": map[string]task.Secret{"a": s}, "a key": map[task.Secret]int{s: 1}, "values": task.Values{"a": s}, "anything": []any{s, &s, h},
		"an error": fmt.Errorf("refused %v: %w", s, errors.New("no")), "a function's": struct{ f func() task.Secret }{func() task.Secret { return s }},
	}
	for name, v := range holders {
		for verb := '!'; verb <= '~'; verb++ {
			for _, flags := range []string{"", "+", "#", "-20", "020.3", " ", "+#"} {
				shown(t, name+" by %"+flags+string(verb), fmt.Sprintf("%"+flags+string(verb), v))
			}
		}
		shown(t, name+" by Sprint", fmt.Sprint(v)+fmt.Sprintln(v))
		shown(t, name+" by too many arguments", fmt.Sprintf("x%[9]s"[:1], v))
	}
	for _, c := range []struct{ format, want string }{{"%s", task.Concealed}, {"%v", task.Concealed}, {"%#v", task.Concealed}, {"%x", task.Concealed}, {"%q", task.Concealed}, {"%d", task.Concealed}} {
		if got := fmt.Sprintf(c.format, s); got != c.want {
			t.Errorf("%s writes %s", c.format, got)
		}
	}
	if got := fmt.Sprint(task.Values{"a": s}); got != "map[a:[secret]]" {
		t.Errorf("got %s", got)
	}
}

func TestASecretIsNeverEncoded(t *testing.T) {
	s := task.NewSecret(canary)
	type open struct {
		S task.Secret            `json:"s" xml:"s" yaml:"s"`
		P *task.Secret           `json:"p" xml:"p,attr" yaml:"p"`
		M map[string]task.Secret `json:"m" xml:"-" yaml:"m"`
		K map[task.Secret]string `json:"k" xml:"-" yaml:"k"`
	}
	v := open{s, &s, map[string]task.Secret{"a": s}, map[task.Secret]string{s: "a"}}
	encode := func(how string, do func(w *bytes.Buffer) error) {
		t.Helper()
		var b bytes.Buffer
		if err := do(&b); err != nil {
			t.Errorf("%s: %v", how, err)
		}
		if b.Len() == 0 {
			t.Errorf("%s wrote nothing", how)
		}
		shown(t, how, b.String())
	}
	encode("JSON", func(w *bytes.Buffer) error { return json.NewEncoder(w).Encode(v) })
	encode("XML", func(w *bytes.Buffer) error { return xml.NewEncoder(w).Encode(v) })
	encode("YAML", func(w *bytes.Buffer) error { return yaml.NewEncoder(w).Encode(v) })
	encode("gob", func(w *bytes.Buffer) error {
		return gob.NewEncoder(w).Encode(struct {
			S task.Secret
			M map[string]task.Secret
		}{s, v.M})
	})
	encode("a template", func(w *bytes.Buffer) error {
		return text.Must(text.New("").Parse("{{.S}} {{.M}} {{printf `%q %x` .S .P}} {{.}}")).Execute(w, v)
	})
	encode("a page", func(w *bytes.Buffer) error {
		return template.Must(template.New("").Parse("{{.S}} {{.M}} <script>var x = {{.S}}</script>")).Execute(w, v)
	})
	encode("log", func(w *bytes.Buffer) error { log.New(w, "", 0).Println(v, s, &s); return nil })
	for how, h := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog's text": func(w *bytes.Buffer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"slog's JSON": func(w *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		encode(how, func(w *bytes.Buffer) error {
			l := slog.New(h(w))
			l.With("w", s).WithGroup("g").Info(fmt.Sprint(s), "s", s, "p", &s, "v", v, "any", []any{s, v}, "values", task.Values{"a": s}, "err", fmt.Errorf("%v", s))
			return nil
		})
	}
}

// An encoded secret cannot be decoded into one.
func TestNothingIsDecodedIntoASecret(t *testing.T) {
	var v struct {
		Name string
		S    task.Secret
	}
	for how, err := range map[string]error{
		"JSON": json.Unmarshal([]byte(`{"S":"x"}`), &v),
		"YAML": yaml.Unmarshal([]byte(`s: x`), &v),
	} {
		if err == nil || !v.S.IsZero() {
			t.Errorf("%s decoded %q, %v", how, v.S.Reveal(), err)
		}
	}
	// XML ignores unknown elements
	if _ = xml.Unmarshal([]byte(`<v><S>x</S></v>`), &v); !v.S.IsZero() {
		t.Errorf("XML decoded %q", v.S.Reveal())
	}
}

func TestSecretsAreComparedByTheirText(t *testing.T) {
	if a, b := task.NewSecret("a"), task.NewSecret(strings.Repeat("a", 1)); a != b || a == task.NewSecret("b") || task.NewSecret("") != (task.Secret{}) {
		t.Error("two secrets must be equal if and only if their texts are")
	}
	if s := task.NewSecret("a"); s.Reveal() != "a" || s.IsZero() || !(task.Secret{}).IsZero() || (task.Secret{}).Reveal() != "" {
		t.Error("the text has changed")
	}
	v := task.Conceal(map[string]string{"a": "b"})
	if v.Reveal("a") != "b" || v.Reveal("c") != "" || task.Values(nil).Reveal("a") != "" {
		t.Errorf("got %v", v)
	}
}
