package cmd_test

import (
	"encoding/json"
	stdflag "flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"errand/engine"
)

var soakTime = stdflag.Duration("soak", 8*time.Second, "how long TestSoak disturbs a service; half an hour is a soak")

// soakDefinitions are what the service starts. Each leaves a trace of its request in the world: an
// instance with its name, a worklog, a ticket that is closed.
var soakDefinitions = map[string]string{
	"order.yaml": `
workflow: order
steps:
  - {id: check, task: ism.check_service_request, with: {ticket: "${{ request.id }}"}}
  - {id: create, task: ec2.create_instance, with: {ami_id: ami-0a1b2c3d4e5f60000, instance_type: t3.micro, instance_name: "${{ request.id }}"}}
  - {id: note, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: "Instance ${{ steps.create.instance_id }}", client_viewable: false}}
  - {id: close, task: ism.close_service_request, with: {ticket: "${{ request.id }}"}}
`,
	"asked.yaml": `
workflow: asked
concurrency: {key: "soak ${{ request.id }}"}
steps:
  - {id: ok, approval: {ask: "Create it for ${{ request.id }}?", by: [kim, robin]}}
  - {id: create, task: ec2.create_instance, with: {ami_id: ami-0a1b2c3d4e5f60000, instance_type: t3.micro, instance_name: "${{ request.id }}"}}
  - {id: note, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: "Instance ${{ steps.create.instance_id }}", client_viewable: false}}
  - {id: close, task: ism.close_service_request, with: {ticket: "${{ request.id }}"}}
`,
	"reboot.yaml": `
workflow: reboot
steps:
  - {id: restart, task: ec2.restart_instance, with: {instance_id: i-0a1b2c3d4e5f60002}}
  - {id: note, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: restarted, client_viewable: false}}
  - {id: close, task: ism.close_service_request, with: {ticket: "${{ request.id }}"}}
`,
	"intake.yaml": `
version: 1
source: ism
every: 1s
rules:
  - {name: order, workflow: order, if: 'ticket.categorization == "Soak >> Order"'}
`,
}

// A soak is a service that is disturbed, with everything that was asked of it.
type soak struct {
	*deployed
	over chan struct{} // closed when nothing new is asked

	mu       sync.Mutex
	accepted map[string]string // the run, by workflow and request
	tickets  []string          // that intake must start
	decided  map[string]int    // how many decisions were accepted, by question
	kills    int
	drains   int
	refused  int // requests that got no answer, or were refused for now
}

// A service is started, asked, decided about, killed and drained again and again. Each request that it
// has accepted has one run, which ends or waits for a person; each effect takes place once; of two
// clients that decide, one wins.
func TestSoak(t *testing.T) {
	t.Parallel()
	s := newSoak(t)
	s.launch()
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(s.ask)
	}
	clients.Go(s.sendTickets)
	var deciders sync.WaitGroup
	settled := make(chan struct{})
	for _, name := range []string{"kim", "robin"} {
		deciders.Go(func() { s.decide(name, settled) })
	}
	end := time.Now().Add(*soakTime)
	for time.Until(end) > *soakTime/4 {
		time.Sleep(time.Duration(500+rand.IntN(2500)) * time.Millisecond)
		s.disturb()
	}
	time.Sleep(time.Until(end)) // the last quarter is one process, whose resources are compared
	close(s.over)
	clients.Wait()
	s.settle()
	close(settled)
	deciders.Wait()
	s.judge()
	s.compareResources()
	s.stop(syscall.SIGTERM)
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{deployed: deploy(t, newScene(t, soakWorld()), soakDefinitions), over: make(chan struct{}), accepted: map[string]string{}, decided: map[string]int{}}
	for name, flags := range map[string][]string{
		"desk": {"--role", "requester", "--workflow", "order", "--workflow", "asked", "--workflow", "reboot"},
		"kim":  {"--role", "approver", "--role", "operator", "--person", "kim"}, "robin": {"--role", "approver", "--role", "operator", "--person", "robin"},
		"watch": {"--role", "monitor"},
	} {
		s.addToken(name, flags...)
	}
	return s
}

// soakWorld is a world with faults for hours.
func soakWorld() string {
	var b strings.Builder
	b.WriteString("timing: {pending: 0s, status_checks: 0s}\ntickets: [{id: 100-291, status: Closed}]\nimages: [ami-0a1b2c3d4e5f60000]\ninstances: [{id: i-0a1b2c3d4e5f60002, state: running}]\nfaults:\n")
	for i := range 110 {
		after := 3 + 37*i
		for _, fault := range []string{
			"{system: ism, action: POST Worklog, after: %d, lose_reply: 1, takes_effect: 50ms}", "{system: ism, action: POST Worklog, after: %d, unavailable: 1, takes_effect: 50ms}",
			"{system: ec2, action: RunInstances, after: %d, lose_reply: 1}",
			"{system: ism, action: PUT Ticket, after: %d, lock: 1}", "{system: ism, action: GET Ticket, after: %d, refuse: 1}", "{system: ec2, action: RebootInstances, after: %d, lose_reply: 1}",
		} {
			fmt.Fprintf(&b, "  - "+fault+"\n", after)
			after += 2
		}
		fmt.Fprintf(&b, "  - {system: ec2, action: RunInstances, after: %d, throttle: 2}\n", 100+400*i)
	}
	return b.String()
}

// disturb ends the service in one of two ways, and starts it again.
func (s *soak) disturb() {
	s.Helper()
	if rand.IntN(2) == 0 {
		s.stop(syscall.SIGKILL)
		s.kills++
	} else {
		s.stop(syscall.SIGTERM)
		s.drains++
	}
	s.launch()
}

// openTicket opens a ticket in the ticketing system, as a person does there. It returns "" if that
// system has a fault.
func (s *soak) openTicket(category string) string {
	s.Helper()
	body := fmt.Sprintf(`{"Description":"a server","RequesterUserName":"amira","Categorization":%q}`, category)
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.base+"/ism/csmconnector/ServiceRequest", strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	for name, value := range map[string]string{"user_auth_token": "any", "slice_token": "any", "csm_app_url": s.base + "/ism", "webservice_user_name": "any", "webservice_user_password": "any", "Content-Type": "application/json"} {
		r.Header[name] = []string{value}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	defer func() { _ = answer.Body.Close() }()
	var opened struct {
		Data struct{ TicketIdentifier string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&opened); err != nil {
		return ""
	}
	return opened.Data.TicketIdentifier
}

// ask starts one run after the other until nothing new is asked, and follows each to its end. It
// repeats what got no answer, and must get the same run.
func (s *soak) ask() {
	for s.goesOn() {
		ticket := s.openTicket("Soak >> By hand")
		workflow := []string{"order", "order", "asked", "reboot"}[rand.IntN(4)]
		if ticket == "" {
			continue
		}
		for {
			status, answer := s.call("desk", http.MethodPost, "/v1/runs", map[string]any{"workflow": workflow, "request": ticket})
			if status == http.StatusOK || status == http.StatusCreated {
				s.accept(workflow, ticket, answer)
				if rand.IntN(8) == 0 { // and once more
					continue
				}
				s.await(answer)
				break
			}
			if status != 0 && status != http.StatusServiceUnavailable {
				s.Errorf("%s for %s: %d %s", workflow, ticket, status, answer)
				return
			}
			s.mu.Lock()
			s.refused++
			s.mu.Unlock()
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// await waits until a run has ended, or nothing new is asked.
func (s *soak) await(answer []byte) {
	var v engine.Result
	if err := json.Unmarshal(answer, &v); err != nil {
		s.Errorf("%s: %v", answer, err)
	}
	for s.goesOn() && v.Ended.IsZero() {
		time.Sleep(50 * time.Millisecond)
		if status, answer := s.call("desk", http.MethodGet, "/v1/runs/"+v.Run, nil); status == http.StatusOK {
			if err := json.Unmarshal(answer, &v); err != nil {
				s.Errorf("%s: %v", answer, err)
			}
		}
	}
}

func (s *soak) goesOn() bool {
	select {
	case <-s.over:
		return false
	default:
		return !s.Failed()
	}
}

func (s *soak) accept(workflow, ticket string, answer []byte) {
	var v engine.Result
	if err := json.Unmarshal(answer, &v); err != nil {
		s.Errorf("%s: %v", answer, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.accepted[workflow+" "+ticket]; before != "" && before != v.Run {
		s.Errorf("%s for %s has the run %s, and then %s", workflow, ticket, before, v.Run)
	}
	s.accepted[workflow+" "+ticket] = v.Run
}

// sendTickets opens tickets that intake starts.
func (s *soak) sendTickets() {
	for s.goesOn() {
		if ticket := s.openTicket("Soak >> Order"); ticket != "" {
			s.mu.Lock()
			s.tickets = append(s.tickets, ticket)
			s.mu.Unlock()
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// decide answers every question, until all is settled.
func (s *soak) decide(person string, settled <-chan struct{}) {
	for {
		select {
		case <-settled:
			return
		default:
		}
		status, answer := s.call(person, http.MethodGet, "/v1/questions", nil)
		var page struct {
			Questions []struct{ Run, Step, Kind, ETag string }
		}
		if status != http.StatusOK || json.Unmarshal(answer, &page) != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		for _, q := range page.Questions {
			path, body := "/v1/runs/"+q.Run+"/approve", map[string]any{"step": q.Step, "decision": "approve"}
			if q.Kind == "uncertain" {
				path, body = "/v1/runs/"+q.Run+"/resolve", map[string]any{"step": q.Step, "verdict": "done"}
			}
			switch status, answer := s.call(person, http.MethodPost, path, body, "If-Match", q.ETag); status {
			case http.StatusOK:
				s.mu.Lock()
				s.decided[q.Run+" "+q.ETag]++
				s.mu.Unlock()
			case 0, http.StatusConflict, http.StatusPreconditionFailed, http.StatusServiceUnavailable:
			default:
				s.Errorf("%s decides about %s of %s: %d %s", person, q.Step, q.Run, status, answer)
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// settle waits until intake has started its tickets and every run has ended.
func (s *soak) settle() {
	s.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		open := 0
		for _, status := range []string{"waiting", "running", "uncertain"} {
			_, answer := s.call("kim", http.MethodGet, "/v1/runs?limit=500&status="+status, nil)
			open += strings.Count(string(answer), `"run":`)
		}
		state := s.state(s.T)
		var fresh []string
		for _, t := range state.Tickets {
			if t.Status == "New" {
				fresh = append(fresh, t.ID)
			}
		}
		if open == 0 && len(fresh) == 0 {
			return
		}
		if time.Now().After(deadline) || s.Failed() {
			var runs []byte
			for _, ticket := range fresh {
				_, answer := s.call("kim", http.MethodGet, "/v1/runs?request="+ticket, nil)
				runs = append(runs, answer...)
			}
			s.Fatalf("%d runs are open, and the tickets %q are new: %s", open, fresh, runs)
		}
	}
}

// judge compares what the world was asked for with what was accepted.
func (s *soak) judge() {
	s.Helper()
	state := s.state(s.T)
	instances, worklogs := map[string]int{}, map[string]int{}
	for _, i := range state.Instances {
		instances[i.Tags["Name"]]++
	}
	for _, t := range state.Tickets {
		worklogs[t.ID] = len(t.Worklogs)
	}
	expect := func(workflow, ticket string) {
		want := 1
		if workflow == "reboot" {
			want = 0
		}
		if instances[ticket] != want || worklogs[ticket] != 1 {
			s.Errorf("%s for %s made %d instances and %d worklogs; expected %d and 1", workflow, ticket, instances[ticket], worklogs[ticket], want)
		}
	}
	for order := range s.accepted {
		workflow, ticket, _ := strings.Cut(order, " ")
		expect(workflow, ticket)
	}
	for _, ticket := range s.tickets {
		expect("order", ticket)
	}
	twice := 0
	for question, n := range s.decided {
		if n > 1 {
			twice++
			s.Errorf("%d decisions about %s were accepted", n, question)
		}
	}
	s.Logf("%s: %d orders and %d tickets, %d decisions, %d kills, %d drains, %d requests without an answer", *soakTime, len(s.accepted), len(s.tickets), len(s.decided), s.kills, s.drains, s.refused)
}

var resource = regexp.MustCompile(`(?m)^(go_goroutines|process_open_fds|process_resident_memory_bytes) (\S+)$`)

// compareResources compares what the process uses after its work with what a new one uses. For a
// minute and a half the clients of EC2 and ISM keep connections that nobody uses: a soak waits for
// their end, and a short one allows for them.
func (s *soak) compareResources() {
	s.Helper()
	idle, more := 3*time.Second, 100.0
	if *soakTime > time.Minute {
		idle, more = 100*time.Second, 15
	}
	read := func() map[string]float64 {
		http.DefaultClient.CloseIdleConnections()
		status, text := s.call("watch", http.MethodGet, "/metrics", nil)
		if status != http.StatusOK {
			s.Fatalf("the metrics are %d %s", status, text)
		}
		all := map[string]float64{}
		for _, m := range resource.FindAllStringSubmatch(string(text), -1) {
			n, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				s.Fatal(err)
			}
			all[m[1]] = n
		}
		return all
	}
	time.Sleep(idle)
	used := read()
	s.stop(syscall.SIGTERM)
	s.launch()
	fresh := read()
	s.Logf("after the work %v, of a new process %v", used, fresh)
	for _, name := range []string{"go_goroutines", "process_open_fds"} {
		if used[name] > fresh[name]+more || fresh[name] == 0 {
			s.Errorf("%s is %g after the work, and %g in a new process", name, used[name], fresh[name])
		}
	}
}
