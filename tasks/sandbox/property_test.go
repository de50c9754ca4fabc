package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"pgregory.net/rapid"
)

// The states that an instance may be in after another state, with time or a call in between.
var mayFollow = map[string][]string{
	"pending":       {"pending", "running", "shutting-down", "terminated"},
	"running":       {"running", "stopping", "stopped", "shutting-down", "terminated"},
	"stopping":      {"stopping", "stopped", "shutting-down", "terminated"},
	"stopped":       {"stopped", "pending", "running", "terminated"},
	"shutting-down": {"shutting-down", "terminated"},
	"terminated":    {"terminated"},
}

// For any requests in any order: no instance changes into a state that cannot follow, a terminated
// instance stays terminated, a token launches one instance, an instance has an address exactly
// while it is running, and a call that fails changes nothing.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		s, err := New(DefaultWorld(), func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		client := newClient(EC2URL, &http.Client{Transport: s.Transport()})
		byToken := map[string]string{}
		before := s.State()
		pick := func() string {
			return rapid.SampledFrom(before.Instances).Draw(t, "instance").ID
		}
		do := func(call ec2Call) {
			err := call(t.Context(), client)
			if after := s.State(); err != nil && fmt.Sprint(after) != fmt.Sprint(before) {
				t.Fatalf("%s, and yet: %+v", codeOf(err), after)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"start":     func(*rapid.T) { do(starting(pick())) },
			"stop":      func(*rapid.T) { do(halting(pick())) },
			"terminate": func(*rapid.T) { do(terminating(pick())) },
			"reboot":    func(*rapid.T) { do(rebooting(pick())) },
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
			},
			"launch": func(t *rapid.T) {
				token := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "token")
				do(launching(func(in *ec2.RunInstancesInput) { in.ClientToken = aws.String(token) }))
				for _, i := range s.State().Instances {
					if i.ClientToken != token {
						continue
					}
					if byToken[token] != "" && byToken[token] != i.ID {
						t.Fatalf("token %s made %s and %s", token, byToken[token], i.ID)
					}
					byToken[token] = i.ID
				}
			},
			"": func(t *rapid.T) {
				after := s.State()
				for n, i := range after.Instances {
					if n < len(before.Instances) && !slices.Contains(mayFollow[before.Instances[n].State], i.State) {
						t.Fatalf("%s went from %s to %s", i.ID, before.Instances[n].State, i.State)
					}
					if has := i.PublicIP != "" && i.PublicDNS != ""; has != (i.State == "running") {
						t.Fatalf("%s is %s and has the address %q", i.ID, i.State, i.PublicIP)
					}
				}
				before = after
			},
		})
	})
}

// A client may send any text as a filter: it is parsed or refused.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"", "A eq 'b'", "(A eq 'it''s' or B gt 1) and not", "((((", "A eq", "'", "A eq -1.5"} {
		f.Add(seed)
	}
	row := map[string]any{"A": "b", "B": "2"}
	f.Fuzz(func(t *testing.T, source string) {
		if passes, _, err := parseFilter(source); err == nil {
			passes(row)
		}
	})
}

// A user may write any text as a world: it makes a sandbox, or the error says why not.
func FuzzWorld(f *testing.F) {
	f.Add(DefaultWorld())
	for _, seed := range []string{``, `{}`, `{"instances":[{"id":"i-0a1b2c3d"}]}`, `{"faults":[{"system":"ism","lock":1}]}`, `{"timing":null}`, `{"limits":{"vcpus":1e9}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, world []byte) {
		s, err := New(world, time.Now)
		if err == nil {
			s.State()
		} else if err.Error() == "" {
			t.Error("an error without a word")
		}
	})
}
