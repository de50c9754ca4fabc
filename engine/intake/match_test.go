package intake_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"errand/engine/home"
	"errand/engine/intake"
	"errand/engine/task"
	"errand/tasks"
)

func loader() intake.Loader {
	return intake.Loader{Registry: task.NewRegistry(tasks.Connectors(task.Environment{})...)}
}

// load loads an intake file that has no problems.
func load(t testing.TB, file, text string) *intake.Source {
	t.Helper()
	s, problems := loader().Load(file, []byte(text))
	if len(problems) > 0 || s == nil {
		t.Fatalf("the problems %v in\n%s", problems, text)
	}
	return s
}

const ruleOfStart = `version: 1
source: ism
rules:
  - name: start
    workflow: start-instance
    if: ticket.type == "Service Request" && ticket.categorization == "Cloud >> Start an instance"
    with:
      instance_id: ${{ ticket.custom_attributes["Instance ID"] ?? "" }}
`

func TestMatch(t *testing.T) {
	s := load(t, "intake.yaml", ruleOfStart)
	ticket := parse(t, start)
	m, ok := s.Match(ticket.Values())
	if !ok || !m.Fits() || m.Rule != "start" || m.Workflow.Name != "start-instance" || m.Request != "100-291" {
		t.Fatalf("got %+v, %t", m, ok)
	}
	if m.Inputs["instance_id"] != "i-0a1b2c3d4e5f60001" || m.Inputs["closed_status"] != "Closed" {
		t.Errorf("inputs %v", m.Inputs)
	}
	ticket.CustomAttributes = nil
	m, ok = s.Match(ticket.Values())
	if !ok || m.Fits() || m.Inputs != nil || len(m.Problems) != 1 || m.Problems[0].Input != "instance_id" || m.Problems[0].Code != home.InputMisfit {
		t.Errorf("got %+v, %t; want a problem of the input instance_id", m, ok)
	}
	for _, status := range []string{"Closed", ""} {
		other := ticket
		other.Status = status
		if m, ok = s.Match(other.Values()); ok {
			t.Errorf("got %+v; want no match of a ticket with the status %q", m, status)
		}
	}
	ticket.Categorization = "Cloud"
	if m, ok = s.Match(ticket.Values()); ok {
		t.Errorf("got %+v; want no match", m)
	}
}

func TestMatchConvertsByType(t *testing.T) {
	s := load(t, "intake.yaml", `version: 1
source: ism
statuses: [New, Queued]
rules:
  - name: provision
    workflow: provision-instance
    with:
      ami_id: ${{ ticket.custom_attributes.Image ?? "" }}
      instance_name: ${{ ticket.description }} for ${{ ticket.requested_for }}
      settle: ${{ ticket.custom_attributes.Wait ?? "2m" }}
`)
	ticket := intake.Ticket{ID: "1", Status: "queued", Description: "web", RequestedFor: "ada", CustomAttributes: map[string]string{"Image": "ami-0a1b2c3d4e5f60000", "Wait": "90s"}}
	m, ok := s.Match(ticket.Values())
	if got := fmt.Sprintf("%v %v", m.Inputs["settle"], m.Inputs["instance_name"]); !ok || !m.Fits() || got != "1m30s web for ada" {
		t.Errorf("got %s in %+v, %t", got, m, ok)
	}
	ticket.CustomAttributes["Wait"] = "soon"
	if m, _ = s.Match(ticket.Values()); len(m.Problems) != 1 || m.Problems[0].Input != "settle" {
		t.Errorf("got %+v; want a problem of settle", m)
	}
	ticket.CustomAttributes["Image"], ticket.CustomAttributes["Wait"] = "${{ ticket.id }}", "1m" // a value is never a template
	if m, _ = s.Match(ticket.Values()); len(m.Problems) != 1 || !strings.Contains(m.Problems[0].Message, "${{ ticket.id }}") {
		t.Errorf("got %+v", m)
	}
}

// If a rule cannot be evaluated, the ticket does not fit. No later rule is tried: it might start what
// the rule was to prevent.
func TestMatchOfARuleThatFails(t *testing.T) {
	s := load(t, "intake.yaml", `version: 1
source: ism
rules:
  - name: divides
    workflow: start-instance
    if: 10 / len(ticket.description) > 2
    with:
      instance_id: ${{ ticket.description }}
  - name: rest
    workflow: stop-instance
    with:
      instance_id: ${{ repeat(ticket.description, 60000) }}
`)
	for _, c := range []struct{ description, want string }{
		{"", "divides/`if`: division by zero"},
		{"i-1", `divides//instance_id "i-1" does not match the pattern`},
		{"abcdefgh", "rest//instance_id a text is longer than 64 KiB"},
	} {
		m, ok := s.Match(intake.Ticket{ID: "1", Status: "New", Description: c.description}.Values())
		var got strings.Builder
		got.WriteString(m.Rule + "/" + m.Fault)
		for _, p := range m.Problems {
			got.WriteString("/" + p.Input + " " + p.Message)
		}
		if !ok || m.Fits() || !strings.HasPrefix(got.String(), c.want) {
			t.Errorf("a description %q: got %s, %t; want %s", c.description, got.String(), ok, c.want)
		}
	}
}

// The first rule whose condition is true wins, for any ticket.
func TestFirstMatchWins(t *testing.T) {
	words := []string{"", "New", "Incident", "Cloud >> Stop", "i-0a1b2c3d4e5f60001", "ünïcode\u0000", strings.Repeat("x", 300)}
	conditions := []struct {
		source string
		holds  func(intake.Ticket) bool
	}{
		{`ticket.type == "Incident" && ticket.custom_attributes["A"] != nil`, func(t intake.Ticket) bool { _, has := t.CustomAttributes["A"]; return t.Type == "Incident" && has }},
		{`ticket.categorization startsWith "Cloud"`, func(t intake.Ticket) bool { return strings.HasPrefix(t.Categorization, "Cloud") }},
		{`ticket.attributes.N == 1`, func(t intake.Ticket) bool { return t.Attributes["N"] == 1 }},
		{`len(ticket.description) > 5 || ticket.priority == ticket.requester`, func(t intake.Ticket) bool {
			return len([]rune(t.Description)) > 5 || t.Priority == t.Requester
		}},
		{`ticket.custom_attributes["B"] == "New"`, func(t intake.Ticket) bool { return t.CustomAttributes["B"] == "New" }},
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		order := random.Perm(len(conditions))
		var text strings.Builder
		text.WriteString("version: 1\nsource: ism\nrules:\n")
		for _, i := range order {
			text.WriteString(fmt.Sprintf("  - name: rule-%d\n    workflow: start-instance\n    if: '%s'\n    with: {instance_id: '${{ ticket.description }}'}\n", i, conditions[i].source))
		}
		s := load(t, "intake.yaml", text.String())
		for range 50 {
			pick := func() string { return words[random.IntN(len(words))] }
			ticket := intake.Ticket{
				ID: "1", Status: "New", Type: pick(), Description: pick(), Categorization: pick(), Priority: pick(), Requester: pick(),
				CustomAttributes: map[string]string{}, Attributes: map[string]any{"N": []any{1, 2, nil, "1", []any{}, map[string]any{}}[random.IntN(6)]},
			}
			for _, name := range []string{"A", "B"} {
				if random.IntN(2) == 0 {
					ticket.CustomAttributes[name] = pick()
				}
			}
			want := ""
			for _, i := range order {
				if conditions[i].holds(ticket) {
					want = fmt.Sprintf("rule-%d", i)
					break
				}
			}
			m, ok := s.Match(ticket.Values())
			if m.Rule != want || ok != (want != "") || m.Fault != "" {
				t.Fatalf("got %q (%s), want %q, for %+v in\n%s", m.Rule, m.Fault, want, ticket, text.String())
			}
			if fits := ticket.Description == "i-0a1b2c3d4e5f60001"; ok && m.Fits() != fits {
				t.Fatalf("the match of %q fits: %t", ticket.Description, m.Fits())
			}
		}
	}
}

func TestPayload(t *testing.T) {
	s := load(t, casesFolder+"/good/hook/intake.yaml", string(readIntake(t, casesFolder+"/good/hook/intake.yaml")))
	const good = `{"ticket": 291, "kind": "provision", "tags": ["web"], "server": {"image": "ami-0a1b2c3d4e5f60000"}, "new": {"is": "ignored"}}`
	v, err := s.ReadPayload([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := s.Match(v); !ok || !m.Fits() || m.Request != "REQ-291" || m.Inputs["instance_type"] != "t3.micro" {
		t.Errorf("got %+v, %t", m, ok)
	}
	for _, c := range []struct{ name, data, want string }{
		{"no JSON", `{`, "is not JSON"},
		{"no object", `[]`, "is a list; want an object"},
		{"another kind", strings.Replace(good, "provision", "start", 1), `kind: "start" is not one of "provision", "retire"`},
		{"a text for a number", strings.Replace(good, "291", `"291"`, 1), `ticket: "291" is a string; want an integer`},
		{"a number that is too small", strings.Replace(good, "291", `0`, 1), "ticket: 0 is less than the minimum, 1"},
		{"a member is missing", strings.Replace(good, `"ticket": 291, `, "", 1), "ticket: a value is missing"},
		{"an item that does not match", strings.Replace(good, `"web"`, `"web", "W"`, 1), `tags[1]: "W" does not match`},
		{"a member that is not allowed", strings.Replace(good, `{"image"`, `{"imag": 1, "image"`, 1), "server"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.ReadPayload([]byte(c.data))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestRequestOfAPayload(t *testing.T) {
	s := load(t, casesFolder+"/good/text/intake.yaml", string(readIntake(t, casesFolder+"/good/text/intake.yaml")))
	for _, c := range []struct{ id, want string }{
		{`100-291`, ""}, {``, "is empty"}, {` `, "is empty"}, {`a\nb`, "has a control character"}, {strings.Repeat("x", 300), "has 300 bytes"},
	} {
		v, err := s.ReadPayload([]byte(`{"ticket": "` + c.id + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := s.Match(v); !ok || (m.Fault == "") != (c.want == "") || !strings.Contains(m.Fault, c.want) {
			t.Errorf("the request %q: got %+v, %t; want a fault %q", c.id, m, ok, c.want)
		}
	}
}

func parse(t testing.TB, data string) intake.Ticket {
	t.Helper()
	ticket, err := intake.ParseTicket([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}
