package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"errand/engine/goldenfile"
)

func TestError(t *testing.T) {
	p := Problem{Rule: "r", Message: "it is wrong", Range: at(3, 7, 9)}
	if got := p.Error(); got != "w.yaml:3:7: it is wrong" {
		t.Error(got)
	}
	p.Range = Range{File: "w.yaml"}
	if got := p.Error(); got != "w.yaml: it is wrong" {
		t.Error(got)
	}
}

func TestWriteJSON(t *testing.T) {
	given := []Problem{
		{
			Rule: "unknown-output", Severity: Error, Message: `step "start" has no output "stat"`, Range: at(26, 40, 44), Label: "not an output",
			Help: `did you mean "state"?`, Notes: []string{"outputs are state, code", "<b> & \u202e are written as they are"},
			Fix: &Fix{Title: "write state", Range: at(26, 40, 44), Text: "state"},
		},
		{Rule: "poll-without-limit", Severity: Warning, Message: "nothing ends this poll", Range: Range{"w.yaml", Position{3, 1}, Position{5, 1}}},
		{Rule: "empty-document", Message: "the file is empty", Range: Range{File: "other.yaml"}},
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, given); err != nil {
		t.Fatal(err)
	}
	goldenfile.Check(t, "testdata/problems.json", b.Bytes())
}

func TestWriteJSONOfNoProblems(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, nil); err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if got := compact.String(); got != `{"version":1,"problems":[]}` {
		t.Error(got)
	}
}

func TestSort(t *testing.T) {
	on := func(file, rule, message string, line, column int) Problem {
		return Problem{Rule: rule, Message: message, Range: Range{File: file, Start: Position{line, column}}}
	}
	fixed := on("a", "r", "m", 2, 1)
	fixed.Help = "the second of the same"
	cases := []struct {
		name        string
		given, want []Problem
	}{
		{"none", nil, nil},
		{"by file, line and column", []Problem{on("b", "r", "m", 1, 1), on("a", "r", "m", 10, 1), on("a", "r", "m", 9, 2), on("a", "r", "m", 9, 1)},
			[]Problem{on("a", "r", "m", 9, 1), on("a", "r", "m", 9, 2), on("a", "r", "m", 10, 1), on("b", "r", "m", 1, 1)}},
		{"the file as a whole first", []Problem{on("a", "r", "m", 1, 1), on("a", "z", "m", 0, 0)}, []Problem{on("a", "z", "m", 0, 0), on("a", "r", "m", 1, 1)}},
		{"by rule, then message", []Problem{on("a", "s", "m", 1, 1), on("a", "r", "n", 1, 1), on("a", "r", "m", 1, 1)},
			[]Problem{on("a", "r", "m", 1, 1), on("a", "r", "n", 1, 1), on("a", "s", "m", 1, 1)}},
		{"each once, the first", []Problem{on("a", "r", "m", 2, 1), on("a", "r", "m", 1, 1), fixed}, []Problem{on("a", "r", "m", 1, 1), on("a", "r", "m", 2, 1)}},
		{"the same words of another place", []Problem{on("a", "r", "m", 1, 2), on("a", "r", "m", 1, 1)}, []Problem{on("a", "r", "m", 1, 1), on("a", "r", "m", 1, 2)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Sort(c.given); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	err, warning := Problem{}, Problem{Severity: Warning}
	cases := []struct {
		given []Problem
		want  string
		fails bool
	}{
		{nil, "", false},
		{[]Problem{err}, "1 error", true},
		{[]Problem{warning}, "1 warning", false},
		{[]Problem{err, err}, "2 errors", true},
		{[]Problem{warning, err, warning}, "1 error, 2 warnings", true},
		{[]Problem{{Severity: Error}}, "1 error", true},
	}
	for _, c := range cases {
		if got := Summary(c.given); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
		if got := HasErrors(c.given); got != c.fails {
			t.Errorf("%s: has errors: %t", c.want, got)
		}
	}
}

func TestNearest(t *testing.T) {
	states := []string{"success", "result_code", "result_message", "current_instance_state", "previous_instance_state"}
	cases := []struct {
		name, word string
		candidates []string
		want       string
	}{
		{"letter missing", "curent_instance_state", states, "current_instance_state"},
		{"letter more", "succcess", states, "success"},
		{"other letter", "reselt_code", states, "result_code"},
		{"two exchanged", "sucecss", states, "success"},
		{"case", "Result_Code", states, "result_code"},
		{"camel case", "resultCode", states, "result_code"},
		{"hyphen", "result-code", states, "result_code"},
		{"space", "result code", states, "result_code"},
		{"nothing like it", "hostname", states, ""},
		{"no candidates", "a", nil, ""},
		{"nothing written", "", []string{"a", "if"}, ""},
		{"the word itself does not count", "success", []string{"success"}, ""},
		{"another beside the word itself", "state", []string{"state", "stats"}, "stats"},
		{"empty candidate", "a", []string{""}, ""},
		{"one letter for another", "x", []string{"y"}, ""},
		{"one letter in capitals", "X", []string{"x"}, "x"},
		{"two letters, one wrong", "ib", []string{"if"}, "if"},
		{"two letters exchanged", "fi", []string{"if"}, "if"},
		{"two letters, both wrong", "as", []string{"if"}, ""},
		{"five letters, two wrong", "stbxe", []string{"state"}, ""},
		{"six letters, two wrong", "stbtxs", []string{"states"}, "states"},
		{"nearer wins", "stateo", []string{"stale", "states"}, "states"},
		{"of equals the same first letter wins", "bake", []string{"cake", "bale"}, "bale"},
		{"of equals the first wins", "bake", []string{"bale", "base"}, "bale"},
		{"letters of two bytes count once", "größeü", []string{"grüßen"}, "grüßen"},
		{"three edits of six letters of two bytes", "äääööö", []string{"äääüüü"}, ""},
		{"as long as is read", strings.Repeat("a", 127) + "b", []string{strings.Repeat("a", 128)}, strings.Repeat("a", 128)},
		{"longer than is read", strings.Repeat("a", 129), []string{strings.Repeat("a", 128)}, ""},
		{"candidate longer than is read", strings.Repeat("a", 128), []string{strings.Repeat("a", 129)}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Nearest(c.word, c.candidates); got != c.want {
				t.Errorf("Nearest(%q, %q) is %q, want %q", c.word, c.candidates, got, c.want)
			}
		})
	}
}

func TestCertain(t *testing.T) {
	cases := []struct {
		name, word string
		candidates []string
		want       string
	}{
		{"the only one that is near", "sucess", []string{"success", "result_code"}, "success"},
		{"clearly nearer than another that is near", "previous_instance_sttate", []string{"current_instance_state", "previous_instance_state"}, "previous_instance_state"},
		{"equally near", "bake", []string{"bale", "base"}, ""},
		{"twice as far is not far enough", "stattus", []string{"status", "statics"}, ""},
		{"only the case differs", "STATUS", []string{"status", "statuses"}, "status"},
		{"three edits", "previous_inztnce_stat", []string{"previous_instance_state"}, ""},
		{"nothing is near", "hostname", []string{"status"}, ""},
		{"the word itself", "status", []string{"status"}, ""},
		{"the same name twice", "sttus", []string{"status", "status"}, "status"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Certain(c.word, c.candidates); got != c.want {
				t.Errorf("Certain(%q, %q) is %q, want %q", c.word, c.candidates, got, c.want)
			}
		})
	}
}

func TestDidYouMean(t *testing.T) {
	many := strings.Fields("a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1 l1 m1")
	cases := []struct {
		name, word string
		candidates []string
		want       string
	}{
		{"near", "tiemr", []string{"worklog", "timer"}, `did you mean "timer"?`},
		{"not near", "ec2", []string{"worklog", "timer"}, "known are worklog, timer"},
		{"nothing written", "", []string{"if", "id"}, "known are if, id"},
		{"twelve are listed", "zzzz", many[:12], "known are " + strings.Join(many[:12], ", ")},
		{"thirteen are not", "zzzz", many, ""},
		{"none", "x", nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := DidYouMean(c.word, c.candidates); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// One edit in a name of four letters or more is always found, whatever the other candidates are.
func TestOneEditIsFound(t *testing.T) {
	name := rapid.StringMatching(`[a-z][a-z0-9_]{3,20}`)
	rapid.Check(t, func(t *rapid.T) {
		meant := name.Draw(t, "meant")
		word := []rune(meant)
		i := rapid.IntRange(0, len(word)-1).Draw(t, "i")
		switch c := rapid.RuneFrom([]rune("abcxyz_9")).Draw(t, "letter"); rapid.SampledFrom([]string{"more", "less", "other", "exchanged"}).Draw(t, "edit") {
		case "more":
			word = append(word[:i], append([]rune{c}, word[i:]...)...)
		case "less":
			word = append(word[:i], word[i+1:]...)
		case "other":
			word[i] = c
		case "exchanged":
			j := max(1, i)
			word[j-1], word[j] = word[j], word[j-1]
		}
		candidates := append(rapid.SliceOfN(name, 0, 5).Draw(t, "others"), meant)
		got := Nearest(string(word), candidates)
		if got == "" && string(word) != meant {
			t.Fatalf("nothing is near %q, which is one edit from %q", string(word), meant)
		}
		if alone := Nearest(string(word), []string{meant}); alone != meant && string(word) != meant {
			t.Fatalf("Nearest(%q) is %q, want %q", string(word), alone, meant)
		}
	})
}

// The distance is symmetric, and stopping early does not change a distance that is allowed.
func TestEditDistanceStopsEarlyWithoutHarm(t *testing.T) {
	text := rapid.StringMatching(`[abc]{0,9}`)
	rapid.Check(t, func(t *rapid.T) {
		x, y := []rune(text.Draw(t, "x")), []rune(text.Draw(t, "y"))
		full := editDistance(x, y, 100)
		if back := editDistance(y, x, 100); back != full {
			t.Fatalf("%d one way and %d the other", full, back)
		}
		most := rapid.IntRange(0, 9).Draw(t, "most")
		if got := editDistance(x, y, most); full <= most && got != full || full > most && got <= most {
			t.Fatalf("at most %d: got %d, want %d", most, got, full)
		}
	})
}

// A very long word or candidate costs hardly anything. The test counts allocations instead of
// measuring time.
func TestNearestIsBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	if n := testing.AllocsPerRun(1, func() { Nearest(long, []string{"x", long + "y"}) }); n > 1 {
		t.Errorf("a word of 1 MiB is worth %v allocations", n)
	}
	if n := testing.AllocsPerRun(1, func() { Nearest("word", []string{long}) }); n > 4 {
		t.Errorf("a candidate of 1 MiB is worth %v allocations", n)
	}
}

func BenchmarkNearest(b *testing.B) {
	candidates := make([]string, 2000)
	for i := range candidates {
		candidates[i] = fmt.Sprintf("step_number_%05d_of_a_long_workflow", i*7919%100000)
	}
	for b.Loop() {
		Nearest("step_nunber_31337_of_a_long_workflow", candidates)
	}
}
