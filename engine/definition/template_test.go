package definition

import (
	"fmt"
	"strings"
	"testing"
)

// The parts of texts: expressions are in <>, literals in [].
func TestTemplates(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no expression", "plain", "[plain]"},
		{"nothing", "", "[]"},
		{"one whole expression", "${{ inputs.a }}", "<inputs.a>"},
		{"without blanks", "${{a}}", "<a>"},
		{"text around", "a ${{ b }} c", "[a ]<b>[ c]"},
		{"two in a row", "${{ a }}${{ b }}", "<a><b>"},
		{"escaped", "$${{ a }}", "[${{ a }}]"},
		{"escaped and not", "$${{ a }} ${{ b }} $${{", "[${{ a }} ]<b>[ ${{]"},
		{"a dollar before it cannot be told from an escape", "$$${{ a }}", "[$${{ a }}]"},
		{"closing braces alone", "a }} b", "[a }} b]"},
		{"braces in a string", `${{ "}}" + '}}' + ` + "`}}`" + ` }}`, `<"}}" + '}}' + ` + "`}}`" + `>`},
		{"an escaped quote", `${{ "\"}}" }}`, `<"\"}}">`},
		{"a backslash between backticks is one", "${{ `\\` }}", "<`\\`>"},
		{"maps", `${{ {"a": {"b": 1}} }}`, `<{"a": {"b": 1}}>`},
		{"a map up to the end", `${{ {"a": {"b": 1}}}}`, `<{"a": {"b": 1}}>`},
		{"a closure", "${{ filter(xs, {# > 1}) }}", "<filter(xs, {# > 1})>"},
		{"a comment with braces and a quote", "${{ a /* }} ' */ }}", "<a /* }} ' */>"},
		{"a slash alone", "${{ a / b }}", "<a / b>"},
		{"opening within an expression is its matter", "${{ ${{ a }}", "problem"},
		{"not closed", "${{ a", "problem"},
		{"not closed by one brace", "${{ a }", "problem"},
		{"an open string", "${{ 'a }}", "problem"},
		{"an open comment", "${{ a /* }}", "problem"},
		{"empty", "${{}}", "problem"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source := "workflow: w\nsteps: [{task: a.b}]\noutputs:\n  x: |-\n    " + test.text + "\n"
			d, problems := Parse("", []byte(source))
			var got strings.Builder
			for _, p := range d.Outputs[0].Value.Parts {
				if p.Expression == nil {
					fmt.Fprintf(&got, "[%s]", p.Literal)
				} else {
					fmt.Fprintf(&got, "<%s>", p.Expression.Source)
				}
			}
			if len(problems) == 1 {
				got.Reset()
				got.WriteString("problem")
			}
			if got.String() != test.want || len(problems) > 1 {
				t.Errorf("%s\ngot  %s\nwant %s\n%s", test.text, got.String(), test.want, list(problems))
			}
		})
	}
}

// A problem inside an expression has the right position in the file, for any style of scalar.
func TestSpanWithinAnExpression(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"plain", "x: a ${{ steps.start.x }}", "2:18-2:23"},
		{"after wide characters", "é漢: 😀 ${{ steps.start.x }}", "2:19-2:24"},
		{"single quotes", "x: 'it''s ${{ steps.start.x }}'", "2:23-2:28"},
		{"double quotes", `x: "\u00e9\t${{ steps.start.x }}"`, "2:25-2:30"},
		{"an escape within the name", `x: "${{ steps.st\u0061rt.x }}"`, "2:17-2:27"},
		{"plain over lines", "x: a\n    b\n\n    ${{ steps.start.x }}", "5:15-5:20"},
		{"literal", "x: |\n    a\n      ${{ steps.start.x }}", "4:17-4:22"},
		{"folded", "x: >+2\n    a\n    b ${{\n    steps.start.x }}\n", "5:11-5:16"},
		{"an anchor before it", "x: &a ${{ steps.start.x }}", "2:19-2:24"},
		{"as an item", "x: [1, \"${{ steps.start.x }}\"]", "2:21-2:26"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, problems := Parse("", []byte("outputs:\n  "+test.yaml+"\nworkflow: w\nsteps: [{task: a.b}]\n"))
			if len(problems) > 0 {
				t.Fatal(list(problems))
			}
			v := d.Outputs[0].Value
			if len(v.Items) > 0 {
				v = v.Items[1]
			}
			e := v.Parts[len(v.Parts)-1].Expression
			for _, p := range v.Parts {
				if p.Expression != nil {
					e = p.Expression
				}
			}
			at := strings.Index(e.Source, "start")
			if got := place(e.Span(at, at+5)); got != test.want {
				t.Errorf("%q is at %s, want %s", e.Source, got, test.want)
			}
		})
	}
}

func TestTextThatWasNotWritten(t *testing.T) {
	var text Text
	if text.Given() || text.Span(0, 5).Start.Line != 0 {
		t.Errorf("the span is %v, want the zero range", text.Span(0, 5))
	}
}
