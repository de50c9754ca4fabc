package cmd_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"errand/engine/journal"
	"errand/engine/task"
)

// Before a request leaves that asks for a change, its call is in the journal and on the disk. The
// test checks this for every such request of every shipped workflow, by the system calls of the
// process.
func TestOnDiskBeforeEachEffect(t *testing.T) {
	strace := tracer(t)
	for _, w := range shipped {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, w.world)
			file := filepath.Join(t.TempDir(), "trace")
			p := s.prepare(t, w.run()...)
			// -f: all threads; -y: names of files; -x: bytes as escapes that Go can read; -s: a
			// whole page of the database.
			p.Args = append([]string{strace, "-f", "-y", "-x", "-s", "4096", "-e", "trace=pwrite64,write,fsync,fdatasync", "-o", file, p.Path}, p.Args[1:]...)
			p.Path = strace
			if o := p.begin(t).end(t); o.code != 0 {
				t.Fatalf("exit code %d: %s", o.code, o.stderr)
			}
			d := disk{t: t, under: map[string]int{}}
			d.read(file)
			if effects := s.effects(t); !slices.Equal(effects, w.effects) || !slices.Equal(d.effects, w.effects) {
				t.Errorf("the sandbox received %q, strace recorded %q; want %q", effects, d.effects, w.effects)
			}
			t.Logf("%d requests for a change, %d writes to the log of the journal, %d syncs", len(d.effects), d.writes, d.parts)
		})
	}
}

// tracer returns the path of strace, which records the system calls of a process. It skips the test
// if strace cannot be used.
func tracer(t *testing.T) string {
	t.Helper()
	const unseen = "the order of records and effects on the disk was not checked: "
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip(unseen + "strace is not installed")
	}
	if out, err := exec.Command(strace, "-f", "-y", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf(unseen+"strace does not work here: %v: %s", err, out)
	}
	return strace
}

// recorded says which call must be on record before a request leaves: its task type, and whether it
// is the second call of the step, which has the note of a look.
var recorded = map[string]struct {
	task   string
	looked bool
}{
	"StartInstances":                        {"ec2.start_instance", true},
	"StopInstances":                         {"ec2.stop_instance", true},
	"TerminateInstances":                    {"ec2.delete_instance", true},
	"RebootInstances":                       {"ec2.restart_instance", false},
	"RunInstances":                          {"ec2.create_instance", false},
	"POST ConfigurationItem":                {"ism.create_asset", false},
	"PUT ConfigurationItem":                 {"ism.update_asset", false},
	"POST Ticket/100-291/ConfigurationItem": {"ism.relate_asset", false},
	"POST Worklog":                          {"ism.add_worklog", false},
	"PUT Ticket":                            {"ism.close_service_request", true},
}

// A disk follows a trace. It counts the writes to the log of the journal and the writes that are on
// the disk, and collects the requests that left.
type disk struct {
	t       *testing.T
	effects []string

	writes int
	safe   int            // number of writes that are on the disk
	parts  int            // number of syncs that brought them there
	under  map[string]int // by thread with a running sync: number of writes before it began
	last   journal.Entry  // the last intent that was written
}

// The forms of a line of a trace. If another thread is reported during a call, the call takes two
// lines.
var (
	callBegins = regexp.MustCompile(`^(\d+) +(\w+)\(\d+<([^>]*)>(?:, (".*?[^\\]"))?`)
	callGoesOn = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>`)
	callEnds   = regexp.MustCompile(`\) += (-?\d+)[^"]*$`)
)

func (d *disk) read(file string) {
	d.t.Helper()
	trace, err := os.Open(file)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = trace.Close() }()
	lines := bufio.NewScanner(trace)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		var thread string
		if call := callBegins.FindStringSubmatch(line); call != nil {
			thread = call[1]
			d.begins(thread, call[2], call[3], call[4])
		} else if call := callGoesOn.FindStringSubmatch(line); call != nil {
			thread = call[1]
		}
		if result := callEnds.FindStringSubmatch(line); result != nil {
			d.ends(thread, result[1] == "0")
		}
	}
	if err := lines.Err(); err != nil {
		d.t.Fatal(err)
	}
}

// begins handles the begin of a call. From then on, written data is not on the disk yet, and sent
// data has left.
func (d *disk) begins(thread, call, file, quoted string) {
	d.t.Helper()
	var data string
	if quoted != "" {
		var err error
		if data, err = strconv.Unquote(quoted); err != nil {
			d.t.Fatalf("%s: %v", quoted, err)
		}
	}
	log := strings.HasSuffix(file, "/journal.db-wal")
	switch {
	case log && strings.HasSuffix(call, "sync"):
		d.under[thread] = d.writes
	case log:
		d.writes++
		d.look(data)
	case strings.HasPrefix(file, "socket:"):
		d.leaves(data)
	}
}

// ends handles the end of a call. A sync brings to the disk what was written before it began.
func (d *disk) ends(thread string, well bool) {
	writes, under := d.under[thread]
	delete(d.under, thread)
	if under && well && writes > d.safe {
		d.safe = writes
		d.parts++
	}
}

// look finds the last intent in a written page. A page also contains earlier intents, in any order,
// and remains of data that was moved to another page.
func (d *disk) look(page string) {
	const begin = `{"kind":"intent"`
	for {
		i := strings.Index(page, begin)
		if i < 0 {
			return
		}
		var e journal.Entry
		if err := json.NewDecoder(strings.NewReader(page[i:])).Decode(&e); err == nil && e.At.After(d.last.At) {
			d.last = e
		}
		page = page[i+len(begin):]
	}
}

var request = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) (/\S*) HTTP/1\.1\r\n`)

// leaves handles data that is sent.
func (d *disk) leaves(data string) {
	d.t.Helper()
	method, path := "POST", "/ec2" // a body that is sent alone is a request to EC2
	if r := request.FindStringSubmatch(data); r != nil {
		method, path = r[1], r[2]
	}
	name := effect(method, path, data)
	if name == "" {
		return
	}
	d.effects = append(d.effects, name)
	var call task.Call
	if d.last.Call != nil {
		call = *d.last.Call
	}
	if want := recorded[name]; call.Type != want.task || (call.Note != "") != want.looked {
		d.t.Errorf("when %s leaves, the last call on record is %+v", name, call)
	}
	if d.safe < d.writes {
		d.t.Errorf("when %s leaves, the log of the journal has %d writes, of which %d are on the disk", name, d.writes, d.safe)
	}
}
