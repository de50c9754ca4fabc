package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWorldErrors(t *testing.T) {
	tests := []struct{ name, world, want string }{
		{"no JSON", `{`, `the world is not one JSON document: it ends too early`},
		{"nothing", ``, `the world is not one JSON document: it ends too early`},
		{"two documents", `{} {}`, `the world is not one JSON document: there is more text after its end`},
		{"no object", `[]`, `expected an object, got a list`},
		{"an unknown key", `{"instanzes":[]}`, `instanzes: unknown key "instanzes"; did you mean "instances"?`},
		{"an unknown key near nothing", `{"limits":{"colour":1}}`, `limits.colour: unknown key "colour"; use one of instances, vcpus`},
		{"a key twice", `{"images":[],"images":[]}`, `images: is a duplicate key`},
		{"a wrong kind", `{"instances":{}}`, `instances: expected a list, got an object`},
		{"a null", `{"instances":[{"id":null}]}`, `instances[0].id: expected a string, got null`},
		{"no id", `{"instances":[{}]}`, `instances[0]: "id" is missing`},
		{"an id of another form", `{"instances":[{"id":"web-1"}]}`, `instances[0].id: "web-1" is not an instance's identifier; write it like i-0a1b2c3d4e5f60001`},
		{"an id twice", `{"instances":[{"id":"i-0a1b2c3d"},{"id":"i-0a1b2c3d"}]}`, `instances[1].id: "i-0a1b2c3d" is used twice`},
		{"a state", `{"instances":[{"id":"i-0a1b2c3d","state":"runing"}]}`, `instances[0].state: "runing" is not a state; did you mean "running"?`},
		{"a state near nothing", `{"instances":[{"id":"i-0a1b2c3d","state":"on"}]}`, `instances[0].state: "on" is not a state; use one of pending, running, shutting-down, terminated, stopping, stopped`},
		{"a type", `{"instances":[{"id":"i-0a1b2c3d","instance_type":"micro"}]}`, `instances[0].instance_type: "micro" is not an instance type; write it like t3.micro`},
		{"a tag that is not text", `{"instances":[{"id":"i-0a1b2c3d","tags":{"a":1}}]}`, `instances[0].tags.a: expected a string, got a number`},
		{"a flag that is not a boolean", `{"instances":[{"id":"i-0a1b2c3d","stop_hangs":"yes"}]}`, `instances[0].stop_hangs: expected a boolean, got a string`},
		{"an image", `{"images":["ubuntu"]}`, `images[0]: "ubuntu" is not an image's identifier; write it like ami-0a1b2c3d4e5f60000`},
		{"a security group", `{"security_groups":["default"]}`, `security_groups[0]: "default" is not a security group's identifier; write it like sg-0a1b2c3d4e5f60000`},
		{"a key pair", `{"key_pairs":[1]}`, `key_pairs[0]: expected a string, got a number`},
		{"a ticket's id", `{"tickets":[{"id":"291"}]}`, `tickets[0].id: "291" is not a ticket's identifier; write it like 100-291`},
		{"a ticket's status", `{"tickets":[{"id":"100-1","status":"Close"}]}`, `tickets[0].status: "Close" is not a status; did you mean "Closed"?`},
		{"a ticket's type", `{"tickets":[{"id":"100-1","type":"Service request"}]}`, `tickets[0].type: "Service request" is not a type of ticket; did you mean "Service Request"?`},
		{"a ticket's attribute", `{"tickets":[{"id":"100-1","priority":"High"}]}`, `tickets[0].priority: unknown key "priority"; did you mean "Priority"?`},
		{"a ticket's worklog", `{"tickets":[{"id":"100-1","worklogs":[{"txt":"x"}]}]}`, `tickets[0].worklogs[0].txt: unknown key "txt"; did you mean "text"?`},
		{"a ticket's asset", `{"tickets":[{"id":"100-1","assets":["x"]}]}`, `tickets[0].assets[0]: there is no asset "x"; add it to assets`},
		{"an asset without an identifier", `{"assets":[{"name":"x"}]}`, `assets[0]: "identifier" is missing`},
		{"an asset with an empty one", `{"assets":[{"identifier":""}]}`, `assets[0].identifier: is empty`},
		{"an asset's key", `{"assets":[{"identifier":"x","clas":"y"}]}`, `assets[0].clas: unknown key "clas"; did you mean "class"?`},
		{"a duration", `{"timing":{"pending":"20"}}`, `timing.pending: "20" is not a duration; write it like "90s", "2m" or "1h30m"`},
		{"a duration below nothing", `{"timing":{"pending":"-1s"}}`, `timing.pending: "-1s" is not a duration; write it like "90s", "2m" or "1h30m"`},
		{"a duration that is a number", `{"timing":{"pending":20}}`, `timing.pending: expected a string, got a number`},
		{"a limit", `{"limits":{"instances":-1}}`, `limits.instances: -1 is not a whole number of at least 0`},
		{"an edition", `{"edition":"servicedesk"}`, `edition: "servicedesk" is not an edition; did you mean "service-desk"?`},
		{"a fault of no system", `{"faults":[{"throttle":1}]}`, `faults[0]: "system" is missing; write ec2 or ism`},
		{"a fault of another system", `{"faults":[{"system":"aws","throttle":1}]}`, `faults[0].system: "aws" is not a system; use one of ec2, ism`},
		{"a fault of no kind", `{"faults":[{"system":"ec2"}]}`, `faults[0]: a fault needs exactly one kind, this one has 0; write one of refuse, unavailable, throttle, lock, error_in_200, error, web_page, lose_reply`},
		{"a fault of two kinds", `{"faults":[{"system":"ec2","throttle":1,"refuse":1}]}`, `faults[0]: a fault needs exactly one kind, this one has 2; write one of refuse, unavailable, throttle, lock, error_in_200, error, web_page, lose_reply`},
		{"a fault of no action", `{"faults":[{"system":"ec2","action":"StartInstance","throttle":1}]}`, `faults[0].action: "StartInstance" is not an action of ec2; did you mean "StartInstances"?`},
		{"a fault of the other's action", `{"faults":[{"system":"ism","action":"post worklog","lock":1}]}`, `faults[0].action: "post worklog" is not an action of ism; did you mean "POST Worklog"?`},
		{"a fault that never comes", `{"faults":[{"system":"ec2","throttle":0}]}`, `faults[0].throttle: 0 is not a whole number of at least 1`},
		{"a throttle of ISM", `{"faults":[{"system":"ism","throttle":1}]}`, `faults[0].throttle: only applies to ec2`},
		{"a lock of EC2", `{"faults":[{"system":"ec2","lock":1}]}`, `faults[0].lock: only applies to ism`},
		{"an unknown error", `{"faults":[{"system":"ec2","error":"IncorectInstanceState"}]}`, `faults[0].error: "IncorectInstanceState" is not a known code; did you mean "IncorrectInstanceState"? or give a status`},
		{"an error of nothing", `{"faults":[{"system":"ec2","error":""}]}`, `faults[0].error: is empty`},
		{"a message of ISM", `{"faults":[{"system":"ism","error":"x","message":"y"}]}`, `faults[0].message: an error of ISM has no separate message; write the text under error`},
		{"times of a throttle", `{"faults":[{"system":"ec2","throttle":1,"times":2}]}`, `faults[0].times: only applies to error`},
		{"a status of a throttle", `{"faults":[{"system":"ec2","throttle":1,"status":500}]}`, `faults[0].status: only applies to error and lock`},
		{"a status that is not one", `{"faults":[{"system":"ec2","error":"x","status":20}]}`, `faults[0].status: 20 is not an HTTP status`},
		{"an effect of a throttle", `{"faults":[{"system":"ec2","throttle":1,"takes_effect":"0s"}]}`, `faults[0].takes_effect: only applies to unavailable, error_in_200, error, web_page, lose_reply`},
		{"an effect at no time", `{"faults":[{"system":"ec2","unavailable":1,"takes_effect":"soon"}]}`, `faults[0].takes_effect: "soon" is not a duration; write it like "90s", "2m" or "1h30m"`},
		{"a reason without a code", `{"launches_die":"no room"}`, `launches_die: "no room" is not a reason with a code; write it like "Client.InternalError: Client error on launch"`},
		{"several problems", `{"images":["x"],"timing":{"pending":"y"}}`, "images[0]: \"x\" is not an image's identifier; write it like ami-0a1b2c3d4e5f60000\n" +
			`timing.pending: "y" is not a duration; write it like "90s", "2m" or "1h30m"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := New([]byte(test.world), time.Now)
			if err == nil {
				t.Fatalf("it was accepted: %+v", s.State())
			}
			if err.Error() != test.want {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
			e, ok := errors.AsType[*WorldError](err)
			if !ok || !strings.HasPrefix(test.want, e.Path) || !strings.Contains(test.want, e.Message) {
				t.Errorf("got %#v", e)
			}
		})
	}
}

// The defaults of what a world leaves out.
func TestWorldDefaults(t *testing.T) {
	r := newRig(t, `{"tickets":[{"id":"100-1"}],"instances":[{"id":"i-0a1b2c3d"}],"images":["ami-0a1b2c3d"],"security_groups":["sg-0a1b2c3d"],"assets":[{"identifier":"x"}]}`)
	s := r.State()
	if got := fmt.Sprint(s.Tickets[0].Type, ", ", s.Tickets[0].Status); got != "Service Request, New" {
		t.Errorf("ticket: %s", got)
	}
	if got := fmt.Sprint(s.Instances[0].State, ", ", s.Instances[0].Type, ", ", s.Instances[0].Image, ", ", s.Instances[0].Groups); got != "running, t3.micro, ami-0a1b2c3d, [sg-0a1b2c3d]" {
		t.Errorf("instance: %s", got)
	}
	if got := s.Assets[0].Status; got != "Active" {
		t.Errorf("asset: %s", got)
	}
	if s := newRig(t, `{}`).State(); len(s.Tickets)+len(s.Instances)+len(s.Assets) != 0 {
		t.Errorf("an empty world holds %+v", s)
	}
}

// The sandbox has everything that its world sets.
func TestWorldInFull(t *testing.T) {
	r := newRig(t, `{
		"tickets":[{"id":"7-1","type":"Incident","status":"Pending","description":"d","Priority":"High","worklogs":[{"text":"a"},{"type":"Note","text":"b"}],"assets":["x"]}],
		"instances":[{"id":"i-0a1b2c3d","state":"stopping","instance_type":"t1.micro","image":"ami-0a1b2c3d","name":"n","tags":{"k":"v"},"key_pair":"kp","security_groups":["sg-1a1b2c3d"]}],
		"assets":[{"identifier":"x","name":"y","class":"c","site":"s","attributes":{"IP Address":"1"}}]}`)
	got := fmt.Sprintf("%+v", r.State())
	for _, want := range []string{
		"ID:7-1 Type:Incident Status:Pending", "Priority:High", "Description:d", "Worklogs:[{Type:Update Text:a ClientViewable:} {Type:Note Text:b ClientViewable:}] Related:[x]",
		"State:stopping Type:t1.micro Image:ami-0a1b2c3d", "Tags:map[Name:n k:v]", "KeyPair:kp Groups:[sg-1a1b2c3d]",
		"Identifier:x Name:y Class:c Status:Active Attributes:map[Class:c ConfigurationItemIdentifier:x IP Address:1 Name:y Site:s Status:Active]",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s does not hold %s", got, want)
		}
	}
	r.pass(30 * time.Second)
	if got := r.instance("i-0a1b2c3d").State; got != "stopped" {
		t.Errorf("it is %s", got)
	}
}
