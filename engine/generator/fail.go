package generator

import "maps"

// fail writes a step that fails under a condition. The steps after it may rely on the opposite.
func (w *writer) fail() {
	s := step{maybe: true, outputs: result}
	if w.percent(50) {
		s.id = w.newName("s")
		w.line("id: %s", s.id)
	}
	condition, proofs := w.condition(w.IntN(2)), []string(nil)
	if w.percent(70) {
		condition, proofs = w.proof()
		condition = "!(" + condition + ")"
	}
	w.slot("if: "+single(condition), "if: 'false'")
	w.slot("fail: "+w.text(), "fail: It cannot go on.")
	if w.percent(30) {
		w.line("code: %s", w.pick("refused", "not_open"))
	}
	if s.lenient = w.percent(15); s.lenient {
		w.line("on_failure: continue")
	} else {
		gained := map[string]bool{}
		for _, p := range proofs {
			gained[p] = true
		}
		w.prove(gained)
	}
	if s.id != "" {
		w.known = append(w.known, s)
		w.all = append(w.all, s.id)
	}
}

// prove adds places that are proved for the rest of the list.
func (w *writer) prove(places map[string]bool) {
	if len(places) == 0 {
		return
	}
	proved := maps.Clone(places)
	maps.Copy(proved, w.proved)
	w.proved = proved
}
