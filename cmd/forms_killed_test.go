package cmd_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"errand/engine/definition"
)

// neverKilled are keys that no course needs, with the reason.
var neverKilled = map[string]string{
	"task credential": "the name of a credential changes neither what is recorded nor when",
}

// Each form of a step, each of its keys, and each list of steps of a workflow is in a workflow whose
// processes are killed. A new one needs a new course in forms_test.go.
func TestEveryFormIsKilled(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range killedDefinitions(t) {
		for p := range d.Places() {
			seen["section "+string(p.Section)] = true
			for _, key := range keysOf(p.Step) {
				seen[key] = true
			}
		}
	}
	want := []string{"section steps", "section on_failure", "section finally", "on_failure: continue"}
	for _, k := range definition.CommonKeys() {
		want = append(want, k.Name)
	}
	for _, f := range definition.Forms() {
		want = append(want, f.Name)
		for _, k := range slices.Concat(f.Keys, f.Members) {
			want = append(want, f.Name+" "+k.Name)
		}
	}
	for _, key := range want {
		if seen[key] == (neverKilled[key] != "") {
			t.Errorf("%q is in a killed course: %t; expected it in one, or in neverKilled", key, seen[key])
		}
	}
}

// killedDefinitions returns the definitions of all courses, and those that they call.
func killedDefinitions(t *testing.T) []*definition.Definition {
	t.Helper()
	var files []string
	for _, w := range slices.Concat(shipped, forms, []workflow{besidePerson}) {
		file := w.name
		if filepath.Ext(file) == "" {
			file = "../definitions/" + file + ".yaml"
			if _, err := os.Stat(file); err != nil {
				file = "../examples/workflows/" + w.name + ".yaml"
			}
		}
		files = append(files, file)
	}
	for _, q := range sequels {
		if filepath.Ext(q.name) != "" {
			files = append(files, q.name)
		}
	}
	var all []*definition.Definition
	for i := 0; i < len(files); i++ {
		if slices.Contains(files[:i], files[i]) {
			continue
		}
		source, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		d, problems := definition.Parse(files[i], source)
		if len(problems) > 0 {
			t.Fatalf("%s: %+v", files[i], problems)
		}
		all = append(all, d)
		for s := range d.AllSteps() {
			if called, is := s.Form.(*definition.Subworkflow); is {
				files = append(files, filepath.Join(filepath.Dir(files[i]), called.Workflow.Value+".yaml"))
			}
		}
	}
	return all
}

// keysOf returns the keys that a step has: its own, and those of its form.
func keysOf(s *definition.Step) []string {
	has := map[string]bool{
		s.Word: true, "id": s.ID.Given(), "name": s.Name.Given(), "if": s.If != nil, "timeout": s.Policy.Timeout != nil,
		"on_failure": s.OnFailure != nil && len(s.OnFailure.Steps) > 0, "on_failure: continue": s.OnFailure != nil && s.OnFailure.Continue,
		"undo": len(s.Undo) > 0, "task retry": s.Policy.Retry != nil, "task credential": s.Credential.Given(),
	}
	form := func(keys map[string]bool) {
		for key, is := range keys {
			has[s.Word+" "+key] = is
		}
	}
	switch f := s.Form.(type) {
	case *definition.Task:
		form(map[string]bool{"with": len(f.With) > 0, "until": f.Until != nil, "every": f.Every != nil, "for": f.For != nil})
	case *definition.ForEach:
		form(map[string]bool{"as": true, "limit": f.Limit != nil, "steps": true})
	case *definition.Switch:
		form(map[string]bool{"if": len(f.Cases) > 0, "steps": len(f.Cases) > 0, "else": len(f.Else) > 0})
	case *definition.Subworkflow:
		form(map[string]bool{"with": len(f.With) > 0})
	case *definition.Fail:
		form(map[string]bool{"code": f.Code.Given()})
	case *definition.Approval:
		form(map[string]bool{
			"ask": true, "by": true, "within": f.Within != nil, "otherwise": f.Otherwise.Given(), "allow_requester": f.AllowRequester,
		})
	}
	var keys []string
	for key, is := range has {
		if is {
			keys = append(keys, key)
		}
	}
	return keys
}
