package intake_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine/goldenfile"
	"errand/engine/intake"
)

const page = "../../definitions/INTAKE.md"

// The table of the members of `ticket` is made from their type.
func TestPageListsTheTicket(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const head = "| member of `ticket` | type | what it is |\n|---|---|---|\n"
	rows := regexp.MustCompile(`(?m)` + regexp.QuoteMeta(head) + `(\|.*\n)+`)
	if !rows.Match(text) {
		t.Fatal("the page has no table of the members of ticket")
	}
	var made strings.Builder
	made.WriteString(head)
	for _, f := range intake.TicketType.Fields {
		made.WriteString("| `" + f.Name + "` | " + f.Type.String() + " | " + f.Description + " |\n")
	}
	goldenfile.Check(t, page, rows.ReplaceAllLiteral(text, []byte(made.String())))
}

// The table of keywords has those that a schema may have.
func TestPageListsTheKeywords(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| keyword | what it means here |\n|---|---|\n")
	table, after, _ := strings.Cut(table, "\n\n")
	var listed []string
	for line := range strings.Lines(table) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		for word := range strings.SplitSeq(cell, ", ") {
			listed = append(listed, strings.Trim(word, "`"))
		}
	}
	slices.Sort(listed)
	want := slices.Sorted(slices.Values(intake.SchemaKeywords))
	if !slices.Equal(listed, want) {
		t.Errorf("the page lists %v, and the keywords are %v", listed, want)
	}
	sentence, _, _ := strings.Cut(after, "have no effect")
	for _, name := range intake.Annotations {
		if !strings.Contains(sentence, "`"+name+"`") {
			t.Errorf("the page does not list %s among the keywords without effect", name)
		}
	}
}
