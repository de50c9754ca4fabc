package task_test

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine/task"
)

func ExampleInsert() {
	fmt.Println(task.Insert("EC2 instance {instance_id}", func(parameter string) string { return "‹" + parameter + "›" }))
	// Output: EC2 instance ‹instance_id›
}

// A type must not name a parameter that its input does not have.
func TestWithChangeRefusesUnknownParameters(t *testing.T) {
	greet := task.Define("greeting.say", "Greets somebody.", task.Evident, say)
	good := greet.WithChange(task.Change{Verb: task.Changes, What: "{name}", Done: "greeted"},
		task.Permission{Action: "greet:Say", Resources: []string{"arn:{aws_partition}:greet:{aws_region}::{name}"}})
	if good.Change.Done != "greeted" || len(good.Needs) != 1 {
		t.Errorf("got %+v and %+v", good.Change, good.Needs)
	}
	for _, slip := range []func(){
		func() { greet.WithChange(task.Change{What: "{nme}"}) },
		func() {
			greet.WithChange(task.Change{}, task.Permission{Action: "a", Resources: []string{"arn:{nme}"}})
		},
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.Contains(p, "greeting.say has no parameter nme") {
					t.Errorf("got %q", p)
				}
			}()
			slip()
		}()
	}
}
