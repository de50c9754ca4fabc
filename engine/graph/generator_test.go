package graph

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// A generator makes definitions with steps of every form within each other. A definition is JSON, which is YAML.
type generator struct {
	r       *rand.Rand
	count   int // of steps, for ids
	loops   int
	handles bool // within a handler, whose steps have no undo
}

type object = map[string]any

func (g *generator) definition() []byte {
	d := object{
		"workflow": "random", "title": g.text(), "description": g.text(),
		"inputs": object{"text": object{"type": "string"}, "names": object{"type": "list", "items": object{"type": "string"}}},
		"steps":  g.steps(3),
	}
	if g.one(3) {
		d["on_failure"] = g.handler(2)
	}
	if g.one(3) {
		d["finally"] = g.handler(2)
	}
	text, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		panic(err)
	}
	return text
}

func (g *generator) one(in int) bool { return g.r.IntN(in) == 0 }

func (g *generator) steps(depth int) []any {
	list := make([]any, 1+g.r.IntN(3))
	for i := range list {
		list[i] = g.step(depth)
	}
	return list
}

func (g *generator) handler(depth int) []any {
	outer := g.handles
	g.handles = true
	list := g.steps(depth)
	g.handles = outer
	return list
}

func (g *generator) step(depth int) object {
	g.count++
	s := object{}
	if g.one(2) {
		s["id"] = fmt.Sprintf("s%d", g.count)
	}
	if g.one(2) {
		s["name"] = g.text()
	}
	if g.one(4) {
		s["if"] = g.condition()
	}
	g.form(s, depth)
	if depth > 0 && g.one(5) {
		s["on_failure"] = g.handler(depth - 2)
	} else if g.one(6) {
		s["on_failure"] = "continue"
	}
	if depth > 0 && !g.handles && g.one(6) {
		s["undo"] = g.handler(depth - 2)
	}
	return s
}

func (g *generator) form(s object, depth int) {
	forms := 8
	if depth <= 0 {
		forms = 4
	}
	switch g.r.IntN(forms) {
	case 0:
		s["task"], s["with"] = "ec2.get_instance_status", object{"instance_id": "i-0a1b2c3d4e5f60001"}
		s["until"], s["every"], s["for"] = "result.current_instance_state == \"running\"", "15s", "5m"
	case 1:
		a := object{"ask": g.text() + " ${{ inputs.text }}", "by": []any{"operations", "lead"}}
		if g.one(2) {
			a["within"], a["otherwise"] = "24h", []string{"reject", "approve", "fail"}[g.r.IntN(3)]
		}
		s["approval"] = a
	case 2:
		s["workflow"] = "called"
	case 3:
		s["task"], s["with"] = "timer.delay", object{"duration": "90s"}
	case 4, 5:
		branches := object{}
		for i := range 1 + g.r.IntN(3) {
			branches[fmt.Sprintf("branch_%d", i)] = g.steps(depth - 1)
		}
		s["parallel"] = branches
	case 6:
		g.loops++
		s["for_each"], s["as"], s["limit"] = "${{ inputs.names }}", fmt.Sprintf("item%d", g.loops), 1+g.r.IntN(3)
		s["steps"] = g.steps(depth - 1)
	case 7:
		var cases []any
		for range 1 + g.r.IntN(3) {
			cases = append(cases, object{"if": g.condition(), "steps": g.steps(depth - 1)})
		}
		if s["switch"] = cases; g.one(2) {
			s["else"] = g.steps(depth - 1)
		}
	}
}

func (g *generator) text() string { return texts[g.r.IntN(len(texts))] }

func (g *generator) condition() string {
	quoted, err := json.Marshal(g.text())
	if err != nil {
		panic(err)
	}
	return "inputs.text == " + string(quoted)
}

var texts = []string{
	"x",
	"Start the instance",
	"Provision an instance, record it as an asset, relate the asset to the request and tell everybody who may want to know of it",
	"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
	"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
	"<script>alert(\"1\")</script> & 'more' ]]> --> &amp; #35; %%",
	"]\"]}}; end\nsubgraph x[\"y\"] | `z` \\N",
	"仮想マシンを起動して資産として記録し、依頼に関連付けてから依頼者に知らせます",
	"👩‍👩‍👧‍👦🇩🇪❤️😀👩‍👩‍👧‍👦🇩🇪❤️😀👩‍👩‍👧‍👦🇩🇪❤️😀👩‍👩‍👧‍👦🇩🇪❤️😀",
	"Щука поймана, ждём решения руководителя отдела информационных технологий",
	"تشغيل الخادم وإبلاغ صاحب الطلب بأن كل شيء جاهز للاستخدام الآن",
}
