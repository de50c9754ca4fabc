package ec2

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"errand/engine/schema"
	"errand/engine/task"
	"errand/tasks/tasktest"
)

// fleet is a world with instances in several states, with several tags.
const fleet = `{"instances":[
	{"id":"i-0a1b2c3d4e5f60005","tags":{"Team":"desk","Keep":""}},
	{"id":"i-0a1b2c3d4e5f60002","name":"web","tags":{"Team":"desk","Keep":"yes"},"key_pair":"desk"},
	{"id":"i-0a1b2c3d4e5f60003","state":"stopped","tags":{"Team":"desks"}},
	{"id":"i-0a1b2c3d4e5f60004","state":"terminated","tags":{"Team":"desk"}},
	{"id":"i-0a1b2c3d4e5f60006","state":"shutting-down","tags":{"team":"desk"}},
	{"id":"i-0a1b2c3d4e5f60007","state":"pending","tags":{"Team":"*"}}
]}`

// foundIn returns the last characters of the identifiers of the instances in an output.
func foundIn(t *testing.T, out map[string]any) string {
	t.Helper()
	instances, ok := out["instances"].([]any)
	if !ok {
		t.Fatalf("got %v", out)
	}
	var ids []string
	for _, i := range instances {
		id := i.(map[string]any)["instance_id"].(string)
		ids = append(ids, id[len(id)-1:])
	}
	return strings.Join(ids, " ")
}

func TestFindInstances(t *testing.T) {
	for _, c := range []struct{ name, input, want, message string }{
		{"all, but not what is terminated", `{}`, "2 3 5 6 7", "5 instances were found"},
		{"with a tag", `{"tags":{"Team":"desk"}}`, "2 5", "2 instances were found"},
		{"with two tags", `{"tags":{"Team":"desk","Keep":"yes"}}`, "2", "1 instance was found"},
		{"with a tag of any value", `{"tags":{"Keep":"*"}}`, "2 5", "2 instances were found"},
		{"with an empty tag", `{"tags":{"Keep":""}}`, "5", "1 instance was found"},
		{"with a wildcard", `{"tags":{"Team":"desk*"}}`, "2 3 5", "3 instances were found"},
		{"with a wildcard for one character", `{"tags":{"Team":"desk?"}}`, "3", "1 instance was found"},
		{"with a star", `{"tags":{"Team":"\\*"}}`, "7", "1 instance was found"},
		{"with a tag that nothing has", `{"tags":{"Team":"Desk"}}`, "", "0 instances were found"},
		{"in a state", `{"states":["stopped"]}`, "3", "1 instance was found"},
		{"terminated, if asked for", `{"tags":{"Team":"desk"},"states":["terminated","running"]}`, "2 4 5", "3 instances were found"},
		{"in no state, which is any but terminated", `{"states":[],"tags":{}}`, "2 3 5 6 7", "5 instances were found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _, seen := inSandbox(t, fleet)
			out := tasktest.Outputs(t, d.Run("ec2.find_instances", c.input))
			if got := foundIn(t, out); got != c.want || out["result_message"] != c.message {
				t.Errorf("got %s, %q", got, out["result_message"])
			}
			if len(*seen) != 1 {
				t.Errorf("requests %q", *seen)
			}
		})
	}
}

// Each element has what the type declares, and the outputs of a status have the same values.
func TestFoundInstance(t *testing.T) {
	d, _, _ := inSandbox(t, fleet)
	out := tasktest.Outputs(t, d.Run("ec2.find_instances", `{"tags":{"Keep":"*"}}`))
	named, other := out["instances"].([]any)[0].(map[string]any), out["instances"].([]any)[1].(map[string]any)
	if named["name"] != "web" || !reflect.DeepEqual(named["tags"], map[string]any{"Name": "web", "Team": "desk", "Keep": "yes"}) || named["key_pair_name"] != "desk" {
		t.Errorf("got %v", named)
	}
	if other["name"] != nil || !reflect.DeepEqual(other["tags"], map[string]any{"Team": "desk", "Keep": ""}) {
		t.Errorf("got %v", other)
	}
	status := d.Type("get_instance_status")
	var members []string
	for _, f := range status.Output.Fields[len(task.Result):] {
		members = append(members, f.Name)
	}
	read := tasktest.Outputs(t, d.Run("get_instance_status", instance("i-0a1b2c3d4e5f60002")))
	for _, name := range members {
		if named[name] != read[name] {
			t.Errorf("%s is %v, and the status says %v", name, named[name], read[name])
		}
	}
	field, _ := d.Type("find_instances").Output.Field("instances")
	for _, f := range field.Type.Items.Fields {
		if _, has := named[f.Name]; !has || !f.Required {
			t.Errorf("%s is declared, and missing, or may be missing", f.Name)
		}
	}
	if want := slices.Concat([]string{"instance_id", "name"}, members, []string{"tags"}); !slices.Equal(field.Type.Items.FieldNames(), want) {
		t.Errorf("the members are %q, want %q", field.Type.Items.FieldNames(), want)
	}
	if tags, _ := field.Type.Items.Field("tags"); !reflect.DeepEqual(tags.Type, schema.MapOf(schema.Of(schema.String))) {
		t.Errorf("tags are %s", tags.Type)
	}
}

// many returns a world with running instances.
func many(n int, tag string) string {
	var instances []string
	for i := range n {
		instances = append(instances, fmt.Sprintf(`{"id":"i-%017x","tags":{"Team":%q}}`, i+1, tag))
	}
	return `{"instances":[` + strings.Join(instances, ",") + `]}`
}

// All pages are read, and all together are within the limits.
func TestFindFollowsPages(t *testing.T) {
	for _, c := range []struct {
		n, requests int
		tag, want   string
	}{
		{99, 1, "desk", ""}, {100, 1, "desk", ""}, {101, 2, "desk", ""}, {1000, 10, "desk", ""},
		{1001, 11, "desk", "more than 1,000 instances match; narrow the search with tags or states"},
		{1500, 11, "desk", "more than 1,000 instances match; narrow the search with tags or states"},
		{999, 10, strings.Repeat("x", 256) + strings.Repeat("ü", 300), "999 instances, whose description is longer than 1 MiB, match; narrow the search with tags or states"},
	} {
		t.Run(fmt.Sprint(c.n), func(t *testing.T) {
			d, _, seen := inSandbox(t, many(c.n, c.tag))
			reply := d.Run("ec2.find_instances", `{"tags":{"Team":"*"}}`)
			if len(*seen) != c.requests {
				t.Errorf("%d requests, want %d", len(*seen), c.requests)
			}
			if c.want != "" {
				if f := reply.Failure; f == nil || f.Code != task.CodeLimit || f.Message != c.want || f.Transient || f.Unknown {
					t.Errorf("got %+v", f)
				}
				return
			}
			if found := tasktest.Outputs(t, reply)["instances"].([]any); len(found) != c.n {
				t.Errorf("%d instances were found", len(found))
			}
		})
	}
}

// A page that fails is read again, and a part of the list is never taken for the whole.
func TestFindReadsAgain(t *testing.T) {
	d, _, seen := inSandbox(t, strings.TrimSuffix(many(250, "desk"), "}")+`,"faults":[{"system":"ec2","lose_reply":1,"after":1},{"system":"ec2","throttle":1,"after":2}]}`)
	out := tasktest.Outputs(t, d.Run("ec2.find_instances", `{}`))
	if found := out["instances"].([]any); len(found) != 250 {
		t.Errorf("%d instances were found with %d requests", len(found), len(*seen))
	}
}

// An endpoint may ignore filters and pages, and a list may name an instance twice.
func TestFindPassesOverOthers(t *testing.T) {
	item := func(id, state, team string) string {
		return "<item><instancesSet><item><instanceId>" + id + "</instanceId><instanceState><name>" + state + "</name></instanceState><tagSet><item><key>Team</key><value>" + team + "</value></item></tagSet></item></instancesSet></item>"
	}
	page := func(next string, items ...string) tasktest.Answer {
		return tasktest.Answer{Status: 200, Body: "<DescribeInstancesResponse><reservationSet>" + strings.Join(items, "") + "</reservationSet><nextToken>" + next + "</nextToken></DescribeInstancesResponse>"}
	}
	d, s := scripted(t, page("a", item("i-1", "running", "desk"), item("i-2", "running", "other")), page("b"),
		page("", item("i-3", "terminated", "desk"), item("i-1", "running", "desk"), item("i-4", "stopped", "desk")))
	out := tasktest.Outputs(t, d.Run("ec2.find_instances", `{"tags":{"Team":"desk"}}`))
	if got := foundIn(t, out); got != "1 4" || len(s.Bodies) != 3 {
		t.Errorf("got %s with %d requests", got, len(s.Bodies))
	}
}

func TestFindRefuses(t *testing.T) {
	d, _, seen := inSandbox(t, fleet)
	if f := d.Run("ec2.find_instances", `{"tags":{"":"x"}}`).Failure; f == nil || f.Code != task.CodeInput || f.Message != "tags has a tag without a name" || len(*seen) > 0 {
		t.Errorf("got %+v", f)
	}
	d, _ = scripted(t, described("", "running"))
	d.Attempts = 1
	if f := d.Run("ec2.find_instances", `{}`).Failure; f == nil || f.Code != task.CodeNoReply || !f.Transient || f.Unknown {
		t.Errorf("an answer without a state: %+v", f)
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"*", "", true}, {"*", "abc", true}, {"**", "abc", true}, {"a*c", "abbc", true}, {"a*c", "abcb", false},
		{"*b*", "abc", true}, {"*ab", "aab", true}, {"?", "ü", true}, {"?", "", false}, {"??", "a", false}, {"a?c", "abc", true}, {"A", "a", false},
		{`\*`, "*", true}, {`\*`, "x", false}, {`\?x`, "?x", true}, {`\\`, `\`, true}, {`a\`, `a\`, true}, {`*\*`, "ab*", true}, {`*\*`, "ab", false}, {`\*`, "", false},
		{strings.Repeat("*a", 200), strings.Repeat("b", 256), false},
	} {
		if got := matches([]rune(c.pattern), []rune(c.text)); got != c.want {
			t.Errorf("%q and %q: %t", c.pattern, c.text, got)
		}
	}
}

// The declared states are those of a status, so that a workflow can compare them.
func TestStatesAreDeclared(t *testing.T) {
	d, _, _ := inSandbox(t, "")
	states, _ := d.Type("find_instances").Input.Field("states")
	status, _ := d.Type("get_instance_status").Output.Field("current_instance_state")
	a, b := fmt.Sprint(states.Type.Items.Enum), fmt.Sprint(status.Type.Enum)
	for _, text := range []*string{&a, &b} {
		words := strings.Fields(strings.Trim(*text, "[]"))
		slices.Sort(words)
		*text = strings.Join(words, " ")
	}
	if a != b || a == "" {
		t.Errorf("states are %s, and a status has %s", a, b)
	}
}
