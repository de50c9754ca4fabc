package ism

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"errand/engine/task"
)

// rights holds the permission that a request needs, by its method and resource.
var rights = map[string]string{
	"GET Ticket": readTickets.Action, "PUT Ticket": changeTickets.Action, "POST ServiceRequest": createTickets.Action,
	"GET Worklog": readWorklogs.Action, "POST Worklog": addWorklogs.Action,
	"GET ConfigurationItem": readAssets.Action, "POST ConfigurationItem": createAssets.Action, "PUT ConfigurationItem": changeAssets.Action,
	"POST Ticket ConfigurationItem": relateAssets.Action,
}

// The permissions that a type declares are exactly those that its requests need, also if replies
// are lost and if the ticket or the asset does not exist.
func TestNeedsMatchTheRequests(t *testing.T) {
	inputs := map[string][]string{
		"add_worklog":            {`{"ticket":"100-291","text":"a"}`},
		"close_service_request":  {`{"ticket":"100-291","status":"Closed"}`},
		"create_asset":           {`{"identifier":"a","name":"a"}`, `{"identifier":"i-0a1b2c3d4e5f60002","name":"a"}`},
		"update_asset":           {`{"identifier":"i-0a1b2c3d4e5f60002","status":"Inactive"}`, `{"identifier":"a","status":"Inactive"}`},
		"relate_asset":           {`{"ticket":"100-291","identifier":"i-0a1b2c3d4e5f60002"}`, `{"ticket":"100-291","identifier":"a"}`},
		"get_service_request":    {`{"ticket":"100-291"}`},
		"check_service_request":  {`{"ticket":"100-291","assets":true}`, `{"ticket":"100-291"}`, `{"ticket":"100-291","assets":false}`},
		"create_service_request": {`{"description":"a"}`},
		"update_ticket":          {`{"ticket":"100-291","attributes":{"Priority":"High"}}`},
		"get_asset":              {`{"identifier":"a"}`},
		"request":                nil, // what it needs depends on the request
	}
	d, _, _ := inSandbox(t, "")
	if len(d.Connector.Types) != len(inputs) {
		t.Fatalf("there are %d types; each needs an input in this test", len(d.Connector.Types))
	}
	for name, all := range inputs {
		t.Run(name, func(t *testing.T) {
			asked, needs := map[string]bool{}, map[string]bool{}
			for _, input := range all {
				askedHere := map[string]bool{}
				for _, recovers := range []bool{false, true} {
					d, _, seen := inSandbox(t, "")
					d.Call.Recover = recovers
					d.Run(name, input)
					for _, request := range *seen {
						method, target, _ := strings.Cut(request, " ")
						path, _, _ := strings.Cut(strings.Fields(target)[0], "?")
						parts := strings.Split(strings.TrimPrefix(path, "/csmconnector/"), "/")
						what := method + " " + parts[0]
						if len(parts) == 3 { // a ticket's
							what += " " + parts[2]
						}
						right, known := rights[what]
						if !known {
							t.Fatalf("what the request needs is not known: %s", request)
						}
						asked[right], askedHere[right] = true, true
					}
				}
				for _, p := range d.Type(name).Needs {
					if needed := p.Needed(textIn(t, input)); p.If != (task.Condition{}) && askedHere[p.Action] != needed {
						t.Errorf("%s: %q is needed: %t, and asked for: %t", input, p.Action, needed, askedHere[p.Action])
					}
				}
			}
			for _, p := range d.Type(name).Needs {
				needs[p.Action] = true
			}
			if !maps.Equal(asked, needs) {
				t.Errorf("the requests need %q, and %q is said to be needed", slices.Sorted(maps.Keys(asked)), slices.Sorted(maps.Keys(needs)))
			}
		})
	}
}

// textIn returns a function that reads the parameters of an input.
func textIn(t *testing.T, input string) func(string) (string, bool) {
	t.Helper()
	var values map[string]any
	if err := json.Unmarshal([]byte(input), &values); err != nil {
		t.Fatal(err)
	}
	return func(name string) (string, bool) {
		if values[name] == nil {
			return "", true
		}
		return fmt.Sprint(values[name]), true
	}
}
