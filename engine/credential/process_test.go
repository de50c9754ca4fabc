package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine/task"
)

// The tests in this file need other processes. Each is this test program, with a part to play.
// A key command gets variables with this prefix.
const part = "LC_ERRAND_TEST_PART"

func TestMain(m *testing.M) {
	if play := parts[os.Getenv(part)]; play != nil {
		if err := play(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	workFactor = 10 // the default takes a second for each passphrase
	os.Exit(m.Run())
}

var parts = map[string]func(args []string) error{
	"change": playChange,
	"edit":   playEdit,
	"print":  playPrint,
	"names":  playNames,
}

// self returns a command that runs this test program in a part.
func self(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), part+"="+name)
	return cmd
}

// changes are the changes during which a process is killed. Each starts from the same store; left
// is what the change leaves.
var changes = []struct {
	name string
	do   func(ctx context.Context, s *Store) error
	left []string
}{
	{"rotate", func(ctx context.Context, s *Store) error { return s.Rotate(ctx) }, before},
	{"add", func(ctx context.Context, s *Store) error { return s.Add(ctx, cloud, "c", good()) },
		append(slices.Clone(before), "cloud/c key_id="+canaryID+" secret="+canarySecret)},
	{"edit", func(ctx context.Context, s *Store) error {
		return s.Edit(ctx, cloud, "a", given("secret", "new secret"))
	},
		[]string{"cloud/a key_id=" + canaryID + " secret=new secret", before[1]}},
	{"delete", func(ctx context.Context, s *Store) error { return s.Delete(ctx, "cloud", "a") }, before[1:]},
	{"rewrap", func(ctx context.Context, s *Store) error { return s.Rewrap(ctx, File{s.Keys[0].(File).Path + "2"}) }, before},
}

var before = []string{"cloud/a key_id=" + canaryID + " secret=" + canarySecret, "cloud/b key_id=" + canaryID + " secret=" + canarySecret + " token=t"}

func beginning(t *testing.T) *box {
	b := newBox(t)
	b.add(cloud, "a", good())
	b.add(cloud, "b", good("token", "t"))
	return b
}

// steps are all steps of a replacement, in order.
var steps = []string{stepCreate, stepWrite, stepHalf, stepSync, stepRename, stepFolder, stepDone}

// playChange makes a change, and kills its own process before one of its steps.
func playChange(args []string) error {
	home, key, change, at := args[0], args[1], args[2], args[3]
	s := &Store{Home: home, Keys: []Source{File{key}}, Create: File{key}, onStep: func(step string) error {
		if step == at {
			me, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = me.Kill()
			}
			if err == nil {
				time.Sleep(time.Hour)
			}
		}
		return nil
	}}
	for _, c := range changes {
		if c.name == change {
			return c.do(context.Background(), s)
		}
	}
	return errors.New("there is no such change")
}

// A process that is killed at any step leaves the old file or the new one, and nothing that
// prevents the next change.
func TestKilledAtEveryStep(t *testing.T) {
	for _, c := range changes {
		for i, step := range steps {
			t.Run(c.name+" before "+step, func(t *testing.T) {
				t.Parallel()
				b := beginning(t)
				old := b.raw()
				cmd := self(t, "change", b.Home, b.key, c.name, step)
				cmd.Stderr = os.Stderr
				if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() == 1 {
					t.Fatalf("it was not killed: %v", err)
				}
				after := b.again()
				// After rewrap was killed, either key may be the right one.
				after.Keys = append(after.Keys, File{b.key + "2"})
				got, err := content(t, after)
				if err != nil {
					t.Fatal(err)
				}
				want := before
				if renamed := i > slices.Index(steps, stepRename); renamed {
					want = c.left
				} else if !bytes.Equal(b.raw(), old) {
					t.Error("the old file is not what it was")
				}
				if !slices.Equal(got, want) {
					t.Errorf("stored are %q, want %q", got, want)
				}
				if err := after.Add(t.Context(), cloud, "z", good()); err != nil {
					t.Error(err)
				}
				if litter, _ := filepath.Glob(filepath.Join(b.Home, "*.new")); litter != nil {
					t.Errorf("left behind: %q", litter)
				}
			})
		}
	}
}

// The same holds for a process that creates a store.
func TestKilledWhileCreatingTheStore(t *testing.T) {
	for i, step := range steps {
		t.Run(step, func(t *testing.T) {
			b := newBox(t)
			if err := self(t, "change", b.Home, b.key, "add", step).Run(); err == nil {
				t.Fatal("it was not killed")
			}
			var want []string
			if i > slices.Index(steps, stepRename) {
				want = []string{"cloud/c key_id=" + canaryID + " secret=" + canarySecret}
			}
			b.want(want...)
			if err := b.Add(t.Context(), cloud, "d", good()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A failure at any step loses nothing and is reported.
func TestAFailureAtEveryStep(t *testing.T) {
	full := errors.New("no space left on device")
	for _, c := range changes {
		for i, step := range steps[:len(steps)-1] {
			t.Run(c.name+" at "+step, func(t *testing.T) {
				b := beginning(t)
				b.onStep = func(at string) error {
					if at == step {
						return full
					}
					return nil
				}
				e := said[*StoreError](t, c.do(t.Context(), b.Store), "the credentials cannot be written: no space left on device", "the store is as it was, or has the change")
				if !errors.Is(e, full) || e.Locked {
					t.Errorf("got %+v", e)
				}
				want := before
				if i > slices.Index(steps, stepRename) {
					want = c.left
				}
				for _, s := range []*Store{b.Store, b.again()} {
					s.Keys = append(s.Keys, File{b.key + "2"})
					if got, err := content(t, s); err != nil || !slices.Equal(got, want) {
						t.Errorf("stored are %q, %v", got, err)
					}
				}
				if litter, _ := filepath.Glob(filepath.Join(b.Home, "*.new")); litter != nil {
					t.Errorf("left behind: %q", litter)
				}
				b.onStep = nil
				if err := b.Add(t.Context(), cloud, "z", good()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

const rounds = 20

// playEdit adds credentials, and edits one parameter of a credential that several processes share.
func playEdit(args []string) error {
	home, key, me, parameter := args[0], args[1], args[2], args[3]
	s := &Store{Home: home, Keys: []Source{File{key}}, Create: File{key}, lockTimeout: time.Minute}
	for i := range rounds {
		if err := s.Add(context.Background(), desk, fmt.Sprint(me, i), given("secret", me, "url", strconv.Itoa(i))); err != nil {
			return err
		}
		if err := s.Edit(context.Background(), cloud, "shared", given(parameter, strconv.Itoa(i))); err != nil {
			return err
		}
	}
	return nil
}

// Processes that change the store at the same time do not lose each other's changes, and a reader
// never sees half a change.
func TestProcessesThatEditAtOnce(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "shared", good())
	var wg sync.WaitGroup
	for _, p := range []string{"region", "token", "secret"} {
		cmd := self(t, "edit", b.Home, b.key, p, p)
		cmd.Stderr = os.Stderr
		wg.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
			if v, err := b.Find(t.Context(), "cloud", "shared"); err != nil || v.Reveal("key_id") != canaryID {
				t.Fatalf("read %v, %v", v, err)
			}
		}
	}
	last := strconv.Itoa(rounds - 1)
	content := b.content()
	if want := "cloud/shared key_id=" + canaryID + " region=" + last + " secret=" + last + " token=" + last; content[0] != want {
		t.Errorf("got %s", content[0])
	}
	if len(content) != 1+3*rounds {
		t.Errorf("%d credentials are stored:\n%s", len(content), strings.Join(content, "\n"))
	}
}

// If a process holds the lock, others wait and then return an error that says so.
func TestLockedStore(t *testing.T) {
	b := beginning(t)
	holder, holds, goOn := b.again(), make(chan struct{}), make(chan struct{})
	holder.onStep = func(step string) error {
		if step == stepSync {
			close(holds)
			<-goOn
		}
		return nil
	}
	ended := make(chan error)
	go func() { ended <- holder.Rotate(context.Background()) }()
	<-holds
	b.lockTimeout = time.Millisecond
	e := said[*StoreError](t, b.Rotate(t.Context()), "another process is changing the credentials in "+b.Home, "try again")
	if !e.Locked {
		t.Errorf("got %+v", e)
	}
	b.want(before...)
	close(goOn)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	b.want(before...)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if e := said[*StoreError](t, b.Rotate(cancelled), "context canceled", "the store is as it was"); e.Locked {
		t.Errorf("got %+v", e)
	}
}

// Goroutines of one process may share a store.
func TestGoroutinesShareAStore(t *testing.T) {
	b := newBox(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 5 {
				name := fmt.Sprint("c", i, "-", j)
				if err := b.Add(t.Context(), cloud, name, given("key_id", name, "secret", name+name)); err != nil {
					t.Error(err)
				}
				v, err := b.Find(t.Context(), "cloud", name)
				if err != nil || v.Reveal("key_id") != name {
					t.Errorf("got %v, %v", v, err)
				}
				if got := b.Mask().Text(v.Reveal("secret")); got != task.Concealed {
					t.Errorf("masked %q", got)
				}
			}
		})
	}
	wg.Wait()
	if n := len(b.content()); n != 20 {
		t.Errorf("%d are stored", n)
	}
}

// playPrint is a key command: it prints its first argument, writes its second to standard error,
// and ends as its third says.
// playNames fails, with the names of its variables and their values that have "canary" in them.
func playNames([]string) error {
	var said []string
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		said = append(said, name)
		if strings.Contains(value, "canary") {
			said = append(said, value)
		}
	}
	return errors.New(strings.Join(said, " "))
}

func playPrint(args []string) error {
	fmt.Print(args[0])
	fmt.Fprint(os.Stderr, args[1])
	switch args[2] {
	case "hang":
		time.Sleep(time.Hour)
	case "fail":
		os.Exit(3)
	}
	return nil
}
