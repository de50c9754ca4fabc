package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// A State is a snapshot of the sandbox, for tests and for /state. Its lists are in the order in
// which their members were created.
type State struct {
	Time      time.Time  `json:"time"`
	Instances []Instance `json:"instances"`
	Tickets   []Ticket   `json:"tickets"`
	Assets    []Asset    `json:"assets"`
}

// An Instance is one EC2 instance. A terminated instance stays in the State after EC2 has stopped
// showing it.
type Instance struct {
	ID              string            `json:"id"`
	State           string            `json:"state"`
	Type            string            `json:"instance_type"`
	Image           string            `json:"image"`
	Reservation     string            `json:"reservation"`
	Tags            map[string]string `json:"tags"`
	ClientToken     string            `json:"client_token,omitempty"`
	KeyPair         string            `json:"key_pair,omitempty"`
	Groups          []string          `json:"security_groups,omitempty"`
	Monitoring      bool              `json:"detailed_monitoring"`
	Subnet          string            `json:"subnet,omitempty"`
	InstanceProfile string            `json:"instance_profile,omitempty"`
	UserData        string            `json:"user_data,omitempty"` // as plain text
	PublicDNS       string            `json:"public_dns_name,omitempty"`
	PublicIP        string            `json:"public_ip_address,omitempty"`
	Reboots         int               `json:"reboots"` // how many requests to reboot were queued
}

// A Ticket is one ISM ticket. Its attributes have the web service's names.
type Ticket struct {
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	Status     string         `json:"status"`
	Attributes map[string]any `json:"attributes"`
	Worklogs   []Worklog      `json:"worklogs"`
	Related    []string       `json:"related"` // identifiers of the assets related to it
}

// A Worklog is one entry on a ticket.
type Worklog struct {
	Type           string `json:"type"`
	Text           string `json:"text"`
	ClientViewable string `json:"client_viewable,omitempty"`
}

// reader returns who sees the worklog. What ISM does with a worklog whose attribute is not set is
// not documented.
func (w Worklog) reader() string {
	switch w.ClientViewable {
	case "true":
		return "the requester"
	case "false":
		return "operators"
	}
	return "whom ISM decides"
}

// An Asset is one configuration item.
type Asset struct {
	Identifier string            `json:"identifier"`
	Name       string            `json:"name"`
	Class      string            `json:"class"`
	Status     string            `json:"status"`
	Attributes map[string]string `json:"attributes"` // every attribute, including those above, under the web service's names
}

// State returns a snapshot at the present time of the sandbox's clock.
func (s *Sandbox) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	tickets, assets := s.desk.state()
	return State{Time: now, Instances: s.cloud.state(), Tickets: tickets, Assets: assets}
}

// Describe returns a text for people: the requests with their worklogs, the instances and the
// assets.
func (s State) Describe() string {
	var b strings.Builder
	for _, t := range s.Tickets {
		fmt.Fprintf(&b, "request %s: %s", t.ID, t.Status)
		if len(t.Related) > 0 {
			fmt.Fprintf(&b, ", related to %s", strings.Join(t.Related, ", "))
		}
		b.WriteByte('\n')
		for _, log := range t.Worklogs {
			fmt.Fprintf(&b, "  worklog for %s:\n", log.reader())
			for line := range strings.SplitSeq(strings.TrimRight(log.Text, "\n"), "\n") {
				b.WriteString(strings.TrimRight("  | "+line, " ") + "\n")
			}
		}
	}
	for _, i := range s.Instances {
		fmt.Fprintf(&b, "instance %s: %s\n", i.ID, i.State)
	}
	for _, a := range s.Assets {
		fmt.Fprintf(&b, "asset %s: %s\n", a.Identifier, a.Status)
	}
	return b.String()
}
