package console

import (
	"reflect"
	"testing"

	"errand/engine/plan"
)

// What follows a question has no change that a step before it makes, however deep that step stands.
func TestPlanAfterAStep(t *testing.T) {
	step := func(id string, inside ...plan.Step) plan.Step {
		s := plan.Step{ID: id}
		if len(inside) > 0 {
			s.Groups = []plan.Group{{Steps: inside}}
		}
		return s
	}
	made := &plan.Plan{
		Steps: []plan.Step{
			step("both", step("web", step("deep")), step("db")), {ID: "tried", OnFailure: []plan.Step{{ID: "instead"}}}, step("ok"), step("later", step("inner")),
		},
		Effects: []plan.Effect{{Step: "web"}, {Step: "deep"}, {Step: "db"}, {Step: "instead"}, {Step: "inner"}, {Step: "sorry"}},
	}
	got := after(made, "ok")
	var steps, effects []string
	for _, s := range got.Steps {
		steps = append(steps, s.ID)
	}
	for _, e := range got.Effects {
		effects = append(effects, e.Step)
	}
	if !reflect.DeepEqual(steps, []string{"later"}) || !reflect.DeepEqual(effects, []string{"inner", "sorry"}) {
		t.Errorf("the steps %q with the changes of %q follow", steps, effects)
	}
}
