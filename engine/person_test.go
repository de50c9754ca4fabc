package engine_test

import (
	"testing"

	"errand/engine"
)

func TestSameName(t *testing.T) {
	for _, same := range [][2]string{
		{"kim", "kim"}, {"kim", "KIM"}, {"Kim", " kim\t"}, {"kim", "kim\u00a0"}, {"kim", "k\u200bim"}, {"kim", "\uff2bim"}, {"kim", "\u212aim"},
		{"jos\u00e9", "JOSE\u0301"}, {"\u03c3\u03c2", "\u03a3\u03c3"}, {"office", "o\ufb03ce"}, {"kim", "kim\ufe0f"}, {"", " "},
	} {
		if !engine.SameName(same[0], same[1]) || !engine.SameName(same[1], same[0]) {
			t.Errorf("%q and %q are two names", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"kim", "kym"}, {"kim", "k im"}, {"jose", "jos\u00e9"}, {"kim", ""}, {"kim", "kim2"}, {"i.meier", "imeier"}} {
		if engine.SameName(other[0], other[1]) {
			t.Errorf("%q and %q are one name", other[0], other[1])
		}
	}
}

// Whoever asked for a run approves it under no name, for themselves or for somebody else, unless
// the definition allows it. Everyone may say what became of a step.
func TestMayDecide(t *testing.T) {
	question := engine.Question{Step: "ok", By: []string{"operators", "i.meier"}}
	allowed := question
	allowed.AllowRequester = true
	groups := []string{"Operators"}
	for _, test := range []struct {
		q    engine.Question
		by   engine.Person
		code engine.RefusalCode
		who  string
	}{
		{question, engine.Person{Name: "kim", Groups: groups}, "", ""},
		{question, engine.Person{Name: "I.Meier"}, "", ""},
		{question, engine.Person{Name: "i.meier", EnteredBy: "kim"}, "", ""},
		{question, engine.Person{Name: "kim"}, engine.RefusedPerson, "kim"},
		{question, engine.Person{Groups: groups}, engine.RefusedPerson, ""},
		{question, engine.Person{Name: "dana", Groups: groups}, engine.RefusedRequester, "dana"},
		{question, engine.Person{Name: "DANA ", Groups: groups}, engine.RefusedRequester, "DANA "},
		{question, engine.Person{Name: "dana", EnteredBy: "kim", Groups: groups}, engine.RefusedRequester, "dana"},
		{question, engine.Person{Name: "kim", EnteredBy: "d\u200bAna", Groups: groups}, engine.RefusedRequester, "d\u200bAna"},
		{question, engine.Person{Name: "lee", EnteredBy: "ticket-owner", Groups: groups}, engine.RefusedRequester, "ticket-owner"},
		{allowed, engine.Person{Name: "dana", Groups: groups}, "", ""},
		{allowed, engine.Person{Name: "dana"}, engine.RefusedPerson, "dana"},
	} {
		refusal := engine.MayDecide("run", test.q, test.by, []string{"Dana", "Ticket-Owner", ""}, engine.VerdictApprove)
		switch {
		case refusal == nil && test.code != "", refusal != nil && (refusal.Code != test.code || refusal.Person != test.who || refusal.Error() == ""):
			t.Errorf("%+v: %+v, want %q about %q", test.by, refusal, test.code, test.who)
		}
	}
}
