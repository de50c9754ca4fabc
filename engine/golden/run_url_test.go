package golden_test

import (
	"encoding/json"
	"testing"

	"errand/engine/golden"
)

// A case says what run.url is, in the workflow and in those that it calls, also in a branch, and also
// if the process ends at any point. Without a URL it is null.
func TestURLOfACase(t *testing.T) {
	const document = `
-- case.yaml --
workflow: outer
-- outer.yaml --
workflow: outer
steps:
  - {id: inner, workflow: inner}
  - parallel:
      left: [{id: left, task: worklog.format, with: {note: '${{ run.url ?? "no page" }}'}}]
outputs:
  inner: ${{ steps.inner.page }}
  own: ${{ run.url }}
  branch: ${{ steps.left.text }}
-- inner.yaml --
workflow: inner
steps:
  - {id: note, task: worklog.format, with: {note: '${{ run.url ?? "no page" }}'}}
outputs:
  page: ${{ steps.note.text }}
`
	for url, want := range map[string]string{
		"":                                  `{"branch":"no page","inner":"no page","own":null}`,
		"https://errand.example.com/runs/a": `{"branch":"https://errand.example.com/runs/a","inner":"https://errand.example.com/runs/a","own":"https://errand.example.com/runs/a"}`,
	} {
		c, err := golden.Parse("case.txtar", []byte(document))
		if err != nil {
			t.Fatal(err)
		}
		c.URL = url
		o, err := bench().Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(o.Result.Outputs); err != nil || string(got) != want {
			t.Errorf("with the address %q the outputs are %s, %v, want %s", url, got, err, want)
		}
		if crashes, err := bench().CrashEverywhere(t.Context(), c); err != nil || len(crashes.Wrong) > 0 {
			t.Errorf("with crashes: %v, %v", crashes.Wrong, err)
		}
	}
}
