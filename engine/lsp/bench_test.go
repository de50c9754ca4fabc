package lsp_test

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine/program"
)

// large returns a definition of 500 lines with an expression in most of its steps.
func large() string {
	var b strings.Builder
	b.WriteString("workflow: large\ntitle: Größe 🚚\ninputs:\n  instance_id: {type: string}\nsteps:\n" +
		"  - task: ism.check_service_request\n    with: {ticket: \"${{ request.id }}\"}\n")
	for i := 0; strings.Count(b.String(), "\n") < 494; i++ {
		fmt.Fprintf(&b, `  - id: start_%[1]d
    name: Start the instance, and say so
    if: inputs.instance_id != "i-%[1]d"
    task: ec2.start_instance
    with: {instance_id: "${{ inputs.instance_id }}", wait_for: running}
  - id: note_%[1]d
    task: worklog.format
    with:
      heading: EC2 instance ${{ inputs.instance_id }} started
      fields:
        State: ${{ steps.start_%[1]d?.current_instance_state ?? "unknown" }}
  - task: ism.add_worklog
    with: {ticket: "${{ request.id }}", client_viewable: true, text: "${{ steps.note_%[1]d.text }}"}
`, i)
	}
	b.WriteString("  - task: ism.close_service_request\n    with: {ticket: \"${{ request.id }}\"}\n")
	return b.String()
}

// BenchmarkKeystroke measures the time from a keystroke to the diagnostics of the new text, as an
// editor sees it: through pipes, in a definition of 500 lines.
func BenchmarkKeystroke(b *testing.B) {
	text := large()
	c := start(b)
	const uri = "file:///w/large.yaml"
	c.open(uri, text)
	if p := c.published(uri); len(p.Diagnostics) != 0 {
		b.Fatalf("%+v", p.Diagnostics[0])
	}
	version := 1
	for b.Loop() {
		version++
		edit := map[string]any{"range": span{place{1, 7}, place{1, 7}}, "text": "x"}
		if version%2 == 1 {
			edit = map[string]any{"range": span{place{1, 7}, place{1, 8}}, "text": ""}
		}
		c.change(uri, version, edit)
		if p := c.published(uri); *p.Version != version {
			b.Fatalf("diagnostics of version %d, not %d", *p.Version, version)
		}
	}
}

// BenchmarkKeystrokeFloor measures the check of the same text alone. Most of the time is garbage
// collection, which depends on the size of the heap, so an idle editor is connected here, too.
func BenchmarkKeystrokeFloor(b *testing.B) {
	text := []byte(large())
	c := start(b)
	c.open("file:///w/large.yaml", string(text))
	c.published("file:///w/large.yaml")
	for b.Loop() {
		if _, problems := (program.Loader{Registry: registry}).Load("/w/large.yaml", text); len(problems) != 0 {
			b.Fatal(problems)
		}
	}
}

// BenchmarkCompletion measures the time until names are proposed in an unclosed expression at the
// end of the same definition.
func BenchmarkCompletion(b *testing.B) {
	text := large() + "  - task: worklog.format\n    with:\n      heading: ${{ steps."
	c := start(b)
	const uri = "file:///w/large.yaml"
	c.open(uri, text)
	at := map[string]any{"line": strings.Count(text, "\n"), "character": len(text) - strings.LastIndexByte(text, '\n') - 1}
	for b.Loop() {
		list := decode[struct{ Items []item }](b, c.call("textDocument/completion", map[string]any{"textDocument": map[string]any{"uri": uri}, "position": at}))
		if len(list.Items) < 50 {
			b.Fatalf("%d proposals", len(list.Items))
		}
	}
}
