package cmd_test

import (
	"bytes"
	"encoding/json"
	stdflag "flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// How large the benchmarks of a service are. Without flags they take seconds.
var (
	attackTime = stdflag.Duration("attack", time.Second, "how long each attack of BenchmarkStarts lasts; half a minute gives percentiles to rely on")
	parkedRuns = stdflag.Int("parked", 2000, "how many runs of BenchmarkServiceOfParkedRuns wait")
)

// serviceDefinitions are what the benchmarks start: a run that waits for a month, and one that waits
// for a person.
var serviceDefinitions = map[string]string{
	"park.yaml": "workflow: park\nsteps:\n  - {id: wait, task: timer.delay, with: {duration: 720h}}\n",
	"ask.yaml":  "workflow: ask\nsteps:\n  - {id: ask, approval: {ask: \"Is it right?\", by: [robin]}}\n",
}

// A loaded is a service that a benchmark puts under load.
type loaded struct {
	*testing.B
	errand, home, definitions string
	address                   string
	token                     string // of a program that starts runs
	approver                  string // of a person
	process                   *exec.Cmd
}

func newLoaded(b *testing.B, errand string) *loaded {
	b.Helper()
	l := &loaded{B: b, errand: errand, home: filepath.Join(b.TempDir(), "home"), definitions: b.TempDir()}
	for name, text := range serviceDefinitions {
		if err := os.WriteFile(filepath.Join(l.definitions, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	l.token = l.addToken("load", "--role", "requester", "--role", "monitor", "--workflow", "park", "--workflow", "ask")
	l.approver = l.addToken("robin", "--role", "approver", "--person", "robin")
	l.start()
	return l
}

func (l *loaded) addToken(flags ...string) string {
	l.Helper()
	add := l.command(append([]string{"serve", "token", "add"}, flags...)...)
	var why bytes.Buffer
	add.Stderr = &why
	made, err := add.Output()
	if err != nil {
		l.Fatalf("%v\n%s", err, why.String())
	}
	return strings.TrimSpace(string(made))
}

func (l *loaded) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(l.Context(), l.errand, append(args, "--home", l.home)...)
	c.Env = append(os.Environ(), "ERRAND_DEFINITIONS="+l.definitions, "HOME="+l.home, personVariable+"=kim")
	return c
}

// start starts the service and returns when it is ready, with the time that this took.
func (l *loaded) start() time.Duration {
	l.Helper()
	began := time.Now()
	out, in, err := os.Pipe()
	if err != nil {
		l.Fatal(err)
	}
	l.process = l.command("serve", "--listen", "127.0.0.1:0", "--queue", "1000000", "--log-format", "json")
	l.process.Stderr, l.process.Stdout = in, in
	if err := l.process.Start(); err != nil {
		l.Fatal(err)
	}
	_ = in.Close()
	l.address = ""
	var read strings.Builder
	for part := make([]byte, 4096); l.address == ""; {
		n, err := out.Read(part)
		if err != nil {
			l.Fatalf("the service does not start: %v\n%s", err, read.String())
		}
		read.Write(part[:n])
		if m := listens.FindStringSubmatch(read.String()); m != nil {
			l.address = m[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out); _ = out.Close() }()
	for {
		answer, err := http.Get("http://" + l.address + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return time.Since(began)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

var listens = regexp.MustCompile(`(127\.0\.0\.1:\d+)`)

func (l *loaded) stop() {
	l.Helper()
	if err := l.process.Process.Signal(syscall.SIGTERM); err != nil {
		l.Fatal(err)
	}
	if err := l.process.Wait(); err != nil {
		l.Errorf("the service ends with %v", err)
	}
}

// ask sends a request to the service, which must succeed.
func (l *loaded) ask(token, method, path, body string) []byte {
	l.Helper()
	r, err := http.NewRequestWithContext(l.Context(), method, "http://"+l.address+path, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		l.Fatalf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
	return text
}

// metric returns the sum of a metric's values.
func (l *loaded) metric(name string) (sum float64) {
	l.Helper()
	for _, m := range regexp.MustCompile(`(?m)^`+name+` (\S+)$`).FindAllStringSubmatch(string(l.ask(l.token, http.MethodGet, "/metrics", "")), -1) {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			l.Fatal(err)
		}
		sum += n
	}
	return sum
}

// memory returns the memory of the service in bytes, after it has come to rest.
func (l *loaded) memory() float64 {
	l.Helper()
	http.DefaultClient.CloseIdleConnections()
	time.Sleep(time.Second)
	return l.metric("process_resident_memory_bytes")
}

// BenchmarkStarts starts runs over HTTP at a constant rate: one after the other, and many at once. The
// floor is measured right before, at the same rate.
func BenchmarkStarts(b *testing.B) {
	errand, _ := build(b)
	floor, load := buildSource(b, insertFloor), installVegeta(b)
	for _, c := range []struct {
		name string
		rate int
	}{{"alone", 20}, {"thousand", 1000}, {"five-thousand", 5000}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				least := attackFloor(b, load, floor, c.rate)
				l := newLoaded(b, errand)
				got := attack(b, load, "http://"+l.address+"/v1/runs", l.token, c.rate, *attackTime, `{"workflow":"park"}`)
				b.ReportMetric(l.metric("errand_queue_length"), "queued")
				b.ReportMetric(l.metric("process_cpu_seconds_total")*1e6/got.Throughput/attackTime.Seconds(), "cpu-µs/start")
				l.stop()
				least.write(b, "floor-")
				got.write(b, "")
				b.ReportMetric(got.Latencies.P50/least.Latencies.P50, "p50/floor")
				b.ReportMetric(got.Latencies.P99/least.Latencies.P99, "p99/floor")
			}
		})
	}
}

// BenchmarkServiceOfParkedRuns starts a service whose runs all wait, and compares it with one that has
// none.
func BenchmarkServiceOfParkedRuns(b *testing.B) {
	errand, _ := build(b)
	load := installVegeta(b)
	for b.Loop() {
		l := newLoaded(b, errand)
		l.stop()
		empty := l.start()
		before := l.memory()
		const rate = 1000
		started := attack(b, load, "http://"+l.address+"/v1/runs", l.token, rate, time.Duration(*parkedRuns)*time.Second/rate, `{"workflow":"park"}`)
		if started.Success < 1 {
			b.Fatalf("the starts were answered with %v %q", started.StatusCodes, started.Errors)
		}
		for l.metric(`errand_runs_waiting\{for="time"\}`) < float64(*parkedRuns) {
			time.Sleep(500 * time.Millisecond)
		}
		l.stop()
		ready := l.start()
		after := l.memory()
		l.stop()
		b.ReportMetric(milliseconds(empty), "empty-ready-ms")
		b.ReportMetric(milliseconds(ready), "ready-ms")
		b.ReportMetric((after-before)/float64(*parkedRuns), "B/run")
	}
}

func milliseconds(t time.Duration) float64 { return float64(t.Nanoseconds()) / 1e6 }

// BenchmarkStreams opens event streams, one of each run, and approves the runs one after the other. It
// measures the memory of the streams, and the time from the answer to a decision, which is on the disk
// then, to the event of the decision on the stream.
func BenchmarkStreams(b *testing.B) {
	errand, _ := build(b)
	const streams = 200
	for b.Loop() {
		l := newLoaded(b, errand)
		runs := make([]string, streams)
		for i := range runs {
			var v struct{ Run string }
			if err := json.Unmarshal(l.ask(l.token, http.MethodPost, "/v1/runs", `{"workflow":"ask"}`), &v); err != nil {
				b.Fatal(err)
			}
			runs[i] = v.Run
		}
		for l.metric(`errand_runs_waiting\{for="person"\}`) < streams {
			time.Sleep(100 * time.Millisecond)
		}
		before := l.memory()
		seen := make([]chan time.Time, streams)
		var open, readers sync.WaitGroup
		for i, run := range runs {
			seen[i] = make(chan time.Time, 1)
			open.Add(1)
			readers.Go(func() { l.read(run, &open, seen[i]) })
		}
		open.Wait()
		after := l.memory()
		var waits []time.Duration
		for i, run := range runs {
			l.ask(l.approver, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ask","decision":"approve"}`)
			answered := time.Now()
			waits = append(waits, max(0, (<-seen[i]).Sub(answered)))
		}
		readers.Wait()
		l.stop()
		slices.Sort(waits)
		b.ReportMetric((after-before)/1e6, "MB")
		b.ReportMetric(milliseconds(waits[streams/2]), "p50-ms")
		b.ReportMetric(milliseconds(waits[streams*99/100]), "p99-ms")
		b.ReportMetric(milliseconds(waits[streams-1]), "max-ms")
	}
}

// read reads the events of a run to their end, and says when the event of the decision came.
func (l *loaded) read(run string, open *sync.WaitGroup, decided chan<- time.Time) {
	r, err := http.NewRequestWithContext(l.Context(), http.MethodGet, "http://"+l.address+"/v1/runs/"+run+"/events", nil)
	if err != nil {
		l.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+l.token)
	answer, err := (&http.Client{}).Do(r)
	open.Done()
	if err != nil {
		l.Error(err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	var read strings.Builder
	for part := make([]byte, 4096); ; {
		n, err := answer.Body.Read(part)
		read.Write(part[:n])
		if strings.Contains(read.String(), "event: step_decided") {
			decided <- time.Now()
			_, _ = io.Copy(io.Discard, answer.Body)
			return
		}
		if err != nil {
			l.Errorf("the stream of run %s ends: %v\n%s", run, err, read.String())
			decided <- time.Now()
			return
		}
	}
}
