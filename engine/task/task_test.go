package task_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "errand/engine/goldenfile"
	"errand/engine/task"
)

type sayIn struct {
	Name string `json:"name" doc:"Whom to greet." required:"true"`
}

type sayOut struct {
	Text string `json:"text" doc:"The greeting."`
}

func say(_ context.Context, _ task.Call, in sayIn) (sayOut, error) {
	return sayOut{Text: "Hello, " + in.Name}, nil
}

func ExampleDefine() {
	greet := task.Define("greeting.say", "Greets somebody.", task.Pure, say)
	reply := greet.Run(context.Background(), task.Call{Input: json.RawMessage(`{"name":"Dana"}`)})
	fmt.Println(string(reply.Output))
	// Output: {"success":true,"result_code":0,"result_message":"done","text":"Hello, Dana"}
}

// The error of a function becomes the matching reply, even if it is wrapped.
func TestErrorsBecomeReplies(t *testing.T) {
	for _, test := range []struct {
		name  string
		err   error
		again bool
		code  string
	}{
		{"not done yet", fmt.Errorf("waiting: %w", &task.Again{After: time.Second, Note: "n"}), true, ""},
		{"a failure", fmt.Errorf("calling: %w", &task.Failure{Code: "Refused"}), false, "Refused"},
		{"any other error", errors.New("oops"), false, task.CodeInternal},
	} {
		t.Run(test.name, func(t *testing.T) {
			failing := task.Define("stub.fail", "Fails.", task.Reads, func(context.Context, task.Call, struct{}) (struct{}, error) { return struct{}{}, test.err })
			reply := failing.Run(t.Context(), task.Call{Input: json.RawMessage(`{}`)})
			if test.again && (reply.Again == nil || reply.Again.Note != "n" || reply.Failure != nil) {
				t.Errorf("got %+v", reply)
			}
			if !test.again && (reply.Failure == nil || reply.Failure.Code != test.code || reply.Output != nil) {
				t.Errorf("got %+v", reply.Failure)
			}
		})
	}
	panics := task.Define("stub.panic", "Panics.", task.Reads, func(context.Context, task.Call, struct{}) (struct{}, error) { panic("no") })
	if reply := panics.Run(t.Context(), task.Call{Input: json.RawMessage(`{}`)}); reply.Failure == nil || reply.Failure.Code != task.CodeInternal || !reply.Failure.Unknown {
		t.Errorf("got %+v", reply)
	}
	if reply := task.Define("greeting.say", "", task.Pure, say).Run(t.Context(), task.Call{Input: json.RawMessage(`{"name":1}`)}); reply.Failure == nil || reply.Failure.Code != task.CodeInput {
		t.Errorf("got %+v", reply)
	}
}

func TestKeyAndReference(t *testing.T) {
	call := task.Call{Run: "r1", Step: "s1", Attempt: 1}
	again := call
	again.Attempt = 7
	if !regexp.MustCompile(`^[a-z2-7]{52}$`).MatchString(call.Key()) || call.Key() != again.Key() {
		t.Errorf("the keys of two attempts are %s and %s", call.Key(), again.Key())
	}
	other := task.Call{Run: "r1s", Step: "1"}
	if call.Key() == other.Key() || call.Reference() != "[errand r1/s1]" {
		t.Errorf("got %s, %s", other.Key(), call.Reference())
	}
	text := "up &#91;errand r2/s#1] " + strings.Replace(call.Reference(), " ", "\u00a0", 1) + " errand r3/s [errand r4]"
	if got := task.RunsIn(text); !slices.Equal(got, []string{"r2", "r1"}) {
		t.Errorf("in %q are the runs %q", text, got)
	}
	data, err := json.Marshal(call)
	var back task.Call
	if err != nil || json.Unmarshal(data, &back) != nil || back.Key() != call.Key() {
		t.Errorf("%s became %+v", data, back)
	}
}

func TestRegistryRefusesAmbiguousNames(t *testing.T) {
	greet := task.Define("greeting.say", "Greets.", task.Pure, say)
	for name, connectors := range map[string][]task.Connector{
		"two connectors with one name": {{Name: "a"}, {Name: "a"}},
		"a type of another connector":  {{Name: "a", Types: []task.Type{greet}}},
		"a type twice":                 {{Name: "greeting", Types: []task.Type{greet, greet}}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error(name + " is accepted")
				}
			}()
			task.NewRegistry(connectors...)
		}()
	}
	r := task.NewRegistry(task.Connector{Name: "greeting", Types: []task.Type{greet}})
	if found, ok := r.Lookup("greeting.say"); !ok || found.Title != "Say" || found.Connector() != "greeting" {
		t.Errorf("got %+v", found)
	}
	if _, ok := r.Lookup("greeting.shout"); ok || len(r.Names()) != 1 {
		t.Error("the registry has an unknown type")
	}
}

type stored map[string]task.Values

func (s stored) Find(_ context.Context, connector, name string) (task.Values, error) {
	return s[connector+"/"+name], nil
}

func TestFindCredential(t *testing.T) {
	e := task.Environment{Credentials: stored{"ec2/prod": task.Conceal(map[string]string{"access_key_id": "A"})}}
	if found, err := e.Find(t.Context(), "ec2", "prod"); err != nil || found.Reveal("access_key_id") != "A" {
		t.Errorf("got %v, %v", found, err)
	}
	if found, err := e.Find(t.Context(), "ec2", ""); err != nil || found != nil {
		t.Errorf("got %v, %v", found, err)
	}
	_, err := e.Find(t.Context(), "ec2", "prd")
	if f, ok := errors.AsType[*task.Failure](err); !ok || f.Code != task.CodeCredential || !f.Local || !strings.Contains(f.Message, `"prd"`) {
		t.Errorf("got %v", err)
	}
}

// A request that was not sent cannot have taken effect. A request that was sent may have, if its
// answer is missing.
func TestSent(t *testing.T) {
	answering := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = connection.Close()
		}
	}))
	defer answering.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	_ = listener.Close()
	for _, test := range []struct {
		name, url, code string
		unknown         bool
	}{
		{"refused", closed, task.CodeUnreachable, false},
		{"closed without an answer", answering.URL, task.CodeNoReply, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, sent := task.Watch(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, test.url+"/secret-path", strings.NewReader("x"))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultClient.Do(request)
			if err == nil {
				_ = answer.Body.Close()
				t.Fatal("there was an answer")
			}
			f := sent.Failure("the system", err)
			if f.Code != test.code || f.Unknown != test.unknown || !f.Transient || strings.Contains(f.Message, "secret-path") {
				t.Errorf("got %+v", f)
			}
		})
	}
}

// A request that this machine has no means to send is trouble here.
func TestSentWithoutMeans(t *testing.T) {
	_, sent := task.Watch(t.Context())
	for _, lack := range []syscall.Errno{syscall.EMFILE, syscall.ENOMEM} {
		f := sent.Failure("the system", &net.OpError{Op: "dial", Err: os.NewSyscallError("socket", lack)})
		if !f.Local || f.Transient || f.Unknown || !strings.Contains(f.Message, lack.Error()) {
			t.Errorf("%v: got %+v", lack, f)
		}
	}
	if f := sent.Failure("the system", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}); f.Local || !f.Transient {
		t.Errorf("got %+v", f)
	}
}
