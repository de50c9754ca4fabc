package tasks

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"errand/engine/schema"
	"errand/engine/task"
)

// A row is a parameter or an output: its name, its title, its kind, and a mark, which is
// "required", "default X" or "".
type row struct {
	name, title string
	kind        schema.Kind
	mark        string
}

var result = []row{
	{"success", "Success", schema.Boolean, "required"},
	{"result_code", "Result Code", schema.Integer, "required"},
	{"result_message", "Result Message", schema.String, "required"},
}

var (
	instanceID = []row{{"instance_id", "Instance ID", schema.String, "required"}}
	current    = []row{
		{"current_instance_state", "Current Instance State", schema.String, "required"},
		{"current_instance_state_code", "Current Instance State Code", schema.Integer, "required"},
	}
	previous = []row{
		{"previous_instance_state", "Previous Instance State", schema.String, "required"},
		{"previous_instance_state_code", "Previous Instance State Code", schema.Integer, "required"},
	}
	reached = []row{
		{"public_dns_name", "Public DNS Name", schema.String, "required"},
		{"public_ip_address", "Public DNS IP Address", schema.String, "required"},
	}
)

// The tables in the documentation of the Amazon EC2 connector, parameter by parameter. The status
// has two more outputs, which provisioning needs.
func TestEC2HasTheDocumentedParameters(t *testing.T) {
	cases := []struct {
		name, title string
		effect      task.Effect
		in, out     []row
	}{
		{"ec2.create_instance", "Create Instance", task.Keyed, []row{
			{"ami_id", "AMI ID", schema.String, ""}, // or launch_template: a rule says so
			{"instance_type", "Instance Type", schema.String, "default t1.micro"},
			{"instance_name", "Instance Name", schema.String, "required"},
			{"kernel_id", "Kernel ID", schema.String, ""},
			{"ram_disk_id", "RAM Disk ID", schema.String, ""},
			{"enable_basic_monitoring", "Enable Basic Monitoring", schema.Boolean, ""},
			{"client_token", "Client Token", schema.String, ""},
			{"instance_tag_1", "Instance Tag #1", schema.String, ""},
			{"instance_tag_2", "Instance Tag #2", schema.String, ""},
			{"instance_tag_3", "Instance Tag #3", schema.String, ""},
			{"instance_tag_4", "Instance Tag #4", schema.String, ""},
			{"instance_tag_5", "Instance Tag #5", schema.String, ""},
			{"tags", "Tags", schema.Object, ""}, // this and the following are not in that documentation
			{"subnet_id", "Subnet ID", schema.String, ""},
			{"launch_template", "Launch Template", schema.String, ""},
			{"instance_profile", "Instance Profile", schema.String, ""},
			{"user_data", "User Data", schema.String, ""},
			{"detailed_monitoring", "Detailed Monitoring", schema.Boolean, ""},
		}, slices.Concat([]row{
			{"client_token", "Client Token", schema.String, "required"},
			{"reservation_id", "Reservation ID", schema.String, "required"},
			{"instance_id", "Instance Identifier", schema.String, "required"},
			{"owner_id", "Owner ID", schema.String, "required"},
		}, reached, []row{
			{"instance_state", "Instance State", schema.String, "required"},
			{"instance_state_code", "Instance State Code", schema.Integer, "required"},
		})},
		{"ec2.delete_instance", "Delete Instance", task.Converges, instanceID, slices.Concat(current, previous)},
		{"ec2.get_instance_status", "Get Instance Status", task.Reads, instanceID, slices.Concat(current, reached)},
		{"ec2.start_instance", "Start Instance", task.Converges, instanceID, slices.Concat(current, previous)},
		{"ec2.stop_instance", "Stop Instance", task.Converges, append(slices.Clone(instanceID), row{"force", "Force", schema.Boolean, ""}), slices.Concat(current, previous)},
		{"ec2.restart_instance", "Restart Instance", task.Once, instanceID, current},
	}
	details := []row{
		{"private_ip_address", "Private IP Address", schema.String, "required"},
		{"private_dns_name", "Private DNS Name", schema.String, "required"},
		{"ipv6_address", "IPv6 Address", schema.String, "required"},
		{"key_pair_name", "Key Pair Name", schema.String, "required"},
		{"availability_zone", "Availability Zone", schema.String, "required"},
		{"state_reason", "State Reason", schema.String, "required"},
	}
	registry := Registry(task.Environment{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			typ, ok := registry.Lookup(c.name)
			if !ok || typ.Title != c.title || typ.Effect != c.effect {
				t.Fatalf("got %q, %s", typ.Title, typ.Effect)
			}
			var waits, more []row // these are not in that documentation
			if c.effect != task.Reads {
				waits = []row{{"wait_for", "Wait For", schema.String, ""}}
			}
			if c.effect == task.Reads || c.effect == task.Keyed {
				more = details
			}
			compare(t, "parameter", typ.Input, slices.Concat(c.in, waits))
			compare(t, "output", typ.Output, slices.Concat(result, c.out, more))
		})
	}
}

func compare(t *testing.T, what string, got schema.Type, want []row) {
	t.Helper()
	var rows []row
	for _, f := range got.Fields {
		mark := ""
		switch {
		case f.Default != nil:
			mark = "default " + strings.Trim(schema.Show(f.Default), `"`)
		case f.Required:
			mark = "required"
		}
		rows = append(rows, row{f.Name, f.Title, f.Type.Kind, mark})
	}
	for i := range max(len(rows), len(want)) {
		switch {
		case i >= len(rows):
			t.Errorf("the %s %v is missing", what, want[i])
		case i >= len(want):
			t.Errorf("the %s %v is one too many", what, rows[i])
		case rows[i] != want[i]:
			t.Errorf("the %s is %v, want %v", what, rows[i], want[i])
		}
	}
}

func TestEC2HasTheDocumentedCredential(t *testing.T) {
	want := []struct {
		name, title, preset string
		encrypted           bool
	}{
		{"access_key_id", "Access Key ID", "", true},
		{"secret_access_key", "Secret Access Key", "", true},
		{"region_endpoint", "Region Endpoint", "ec2.us-east-1.amazonaws.com", false},
		{"key_pair_name", "Key Pair Name", "", false},
		{"security_group_ids", "Security Group IDs", "", false},
		{"session_token", "Session Token", "", true}, // this and the following are not in that documentation
		{"region", "Region", "", false},
		{"profile", "Profile", "", false},
		{"role_arn", "Role ARN", "", false},
		{"external_id", "External ID", "", false},
	}
	ec2, _ := Registry(task.Environment{}).Connector("ec2")
	if len(ec2.Credential) != len(want) {
		t.Fatalf("%d parameters, want %d", len(ec2.Credential), len(want))
	}
	for i, w := range want {
		if p := ec2.Credential[i]; p.Name != w.name || p.Title != w.title || p.Default != w.preset || p.Encrypted != w.encrypted {
			t.Errorf("got %+v, want %+v", p, w)
		}
	}
}

// The parameters and outputs of the other connectors, by name. "!" marks a required parameter and
// "?" an output that may be null.
func TestOtherTypes(t *testing.T) {
	const ticket = "ticket_identifier ticket_status non_translated_ticket_status ticket_type_id? type_name? description? priority? reason_code? assigned_group? " +
		"assigned_individual? requester_user_name? requested_for_user_name? creation_timestamp? last_mod_timestamp? locked_by_external_user_id? attributes"
	const attributes = " name class category type item description owner function location organization site environment ip_address attributes"
	cases := []struct {
		name    string
		effect  task.Effect
		in, out string
	}{
		{"ism.add_worklog", task.Evident, "ticket! text! type client_viewable", "reference"},
		{"ism.close_service_request", task.Converges, "ticket! status resolution cause reason_code", "previous_status status"},
		{"ism.create_asset", task.Evident, "identifier!" + attributes + " status", "asset_id"},
		{"ism.update_asset", task.Converges, "identifier! status" + attributes, "asset_id status?"},
		{"ism.relate_asset", task.Evident, "ticket! identifier! relationship", ""},
		{"ism.get_service_request", task.Reads, "ticket!", ticket},
		{"ism.check_service_request", task.Reads, "ticket! statuses assets", ticket},
		{"ism.create_service_request", task.Once, "description! description_long requester_id requester_user_name requested_for_user_name assigned_group affected_service_id " +
			"source type_name categorization custom_attributes cause resolution", "ticket ticket_type_id? ticket_status? non_translated_ticket_status?"},
		{"ism.update_ticket", task.Converges, "ticket! attributes!", "status"},
		{"ism.get_asset", task.Reads, "identifier!", "found asset_id? name? status? attributes"},
		{"ism.request", task.Once, "method path! query body", "status body?"},
		{"ec2.find_instances", task.Reads, "tags states", "instances"},
		{"worklog.format", task.Pure, "heading fields note template", "text"},
		{"timer.delay", task.Pure, "duration!", "fired_at"},
		{"timer.until", task.Pure, "at! zone days", "fired_at"},
	}
	registry := Registry(task.Environment{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			typ, ok := registry.Lookup(c.name)
			if !ok || typ.Effect != c.effect {
				t.Fatalf("found %v, %s", ok, typ.Effect)
			}
			var in, out []string
			for _, f := range typ.Input.Fields {
				name := f.Name
				if f.Required {
					name += "!"
				}
				in = append(in, name)
			}
			for _, f := range typ.Output.Fields[len(result):] {
				name := f.Name
				if f.Type.Nullable {
					name += "?"
				}
				out = append(out, name)
			}
			if got := strings.Join(in, " "); got != c.in {
				t.Errorf("parameters\n%s\nwant\n%s", got, c.in)
			}
			if got := strings.Join(out, " "); got != c.out {
				t.Errorf("outputs\n%s\nwant\n%s", got, c.out)
			}
		})
	}
}

// Every connector, type, parameter and output has a description. The library for people is
// generated from them.
func TestEverythingIsExplained(t *testing.T) {
	sentence := func(what, text string) {
		if text == "" || text != strings.TrimSpace(text) || !strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q is not a sentence", what, text)
		}
	}
	for _, c := range Connectors(task.Environment{}) {
		if c.Title == "" {
			t.Errorf("%s has no title", c.Name)
		}
		sentence(c.Name, c.Description)
		for _, p := range c.Credential {
			sentence(c.Name+" "+p.Name, p.Description)
			if p.Title == "" {
				t.Errorf("%s %s has no title", c.Name, p.Name)
			}
		}
		for _, typ := range c.Types {
			sentence(typ.Name, typ.Doc)
			for _, f := range slices.Concat(typ.Input.Fields, typ.Output.Fields) {
				sentence(typ.Name+" "+f.Name, f.Description)
				if f.Title == "" {
					t.Errorf("%s %s has no title", typ.Name, f.Name)
				}
			}
		}
	}
}

func TestTheDefaultTypeIsDiscouraged(t *testing.T) {
	typ, _ := Registry(task.Environment{}).Lookup("ec2.create_instance")
	f, _ := typ.Input.Field("instance_type")
	if len(f.Type.Discouraged) != 1 || f.Type.Discouraged[0].Value != f.Default || f.Type.Discouraged[0].Reason == "" {
		t.Errorf("got %+v", f.Type.Discouraged)
	}
}

// Every rule judges any values, and none of them refuses what is absent and not required.
func TestRulesJudgeAnything(t *testing.T) {
	registry := Registry(task.Environment{})
	judged := 0
	for _, name := range registry.Names() {
		typ, _ := registry.Lookup(name)
		for _, r := range typ.Rules {
			judged++
			for _, value := range []string{`"a"`, `""`, `null`, `1`, `true`, `[]`, `[1]`, `{}`, `{"a":[null]}`} {
				values := map[string]json.RawMessage{}
				for _, p := range r.Parameters {
					values[p] = json.RawMessage(value)
				}
				r.Breach(values)
			}
			if b := r.Breach(nil); b != nil && r.Kind != task.AnyOfKind && r.Kind != task.JudgedKind {
				t.Errorf("%s: %+v refuses an input without values: %+v", name, r, b)
			}
			for _, p := range r.Parameters {
				if f, _ := typ.Input.Field(p); r.Kind == task.JudgedKind && !f.Required && r.Breach(nil) != nil {
					t.Errorf("%s: the rule %q refuses an input without values", name, r.Doc)
				}
			}
		}
	}
	if judged < 20 {
		t.Errorf("there are only %d rules", judged)
	}
}
