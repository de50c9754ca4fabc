package ec2

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"errand/engine/task"
)

func TestFailures(t *testing.T) {
	html := "<html><body><h1>503 Service Unavailable</h1></body>"
	cases := []struct {
		name      string
		answer    answer
		code      string
		status    int
		transient bool
		unknown   bool
		message   string // a part of it
	}{
		{"a throttle", answer{status: 503, body: xmlError("RequestLimitExceeded", "Request limit exceeded.")}, "RequestLimitExceeded", 503, true, false, "Request limit exceeded."},
		{"a throttle of another name", answer{status: 400, body: xmlError("Throttling", "Rate exceeded")}, "Throttling", 400, true, false, "Rate exceeded"},
		{"the EC2 throttle", answer{status: 503, body: xmlError("EC2ThrottledException", "slow")}, "EC2ThrottledException", 503, true, false, "slow"},
		{"unavailable", answer{status: 503, body: xmlError("Unavailable", "The server is overloaded")}, "Unavailable", 503, true, false, "overloaded"},
		{"service unavailable", answer{status: 503, body: xmlError("ServiceUnavailable", "later")}, "ServiceUnavailable", 503, true, false, "later"},
		{"an internal error", answer{status: 500, body: xmlError("InternalError", "An internal error has occurred")}, "InternalError", 500, true, true, "internal error"},
		{"an internal failure", answer{status: 500, body: xmlError("InternalFailure", "failed")}, "InternalFailure", 500, true, true, "failed"},
		{"another 5xx with a code", answer{status: 500, body: xmlError("Strange", "odd")}, "Strange", 500, true, true, "odd"},
		{"no capacity", answer{status: 500, body: xmlError("InsufficientInstanceCapacity", "We do not have sufficient capacity.")}, "InsufficientInstanceCapacity", 500, false, false, "sufficient capacity; trying again at once seldom helps"},
		{"no addresses", answer{status: 500, body: xmlError("InsufficientFreeAddressesInSubnet", "none")}, "InsufficientFreeAddressesInSubnet", 500, false, false, "none"},
		{"503 with a web page", answer{status: 503, body: html}, "http_503", 503, true, true, "Amazon EC2 answered 503 Service Unavailable and gave no reason"},
		{"502 without a body", answer{status: 502}, "http_502", 502, true, true, "502 Bad Gateway"},
		{"500 with XML of another kind", answer{status: 500, body: "<oops/>"}, "http_500", 500, true, true, "500 Internal Server Error"},
		{"429 without a code", answer{status: 429, body: "slow down"}, "http_429", 429, true, false, "429"},
		{"403 of a proxy", answer{status: 403, body: "<html>no</html>"}, "http_403", 403, false, false, "403 Forbidden"},
		{"a redirect is not followed", answer{status: 302, body: ""}, "http_302", 302, false, false, "region_endpoint may be wrong"},
		{"a wrong state", answer{status: 400, body: xmlError("IncorrectInstanceState", "The instance is not in a state from which it can be started.")}, "IncorrectInstanceState", 400, false, false, "not in a state"},
		{"a malformed identifier", answer{status: 400, body: xmlError("InvalidInstanceID.Malformed", "Invalid id: \"x\"")}, "InvalidInstanceID.Malformed", 400, false, false, "looks like i-0a1b2c3d4e5f60001"},
		{"a quota", answer{status: 400, body: xmlError("VcpuLimitExceeded", "You have requested more vCPU capacity than allowed.")}, "VcpuLimitExceeded", 400, false, false, "quota of vCPUs"},
		{"a token used otherwise", answer{status: 400, body: xmlError("IdempotentParameterMismatch", "Mismatch.")}, "IdempotentParameterMismatch", 400, false, false, "Mismatch; the client token was used before with other parameters"},
		{"an instance of the token that is gone", answer{status: 400, body: xmlError("IdempotentInstanceTerminated", "Gone.")}, "IdempotentInstanceTerminated", 400, false, false, "a new one needs another client token"},
		{"a clock that is wrong", answer{status: 400, body: xmlError("RequestExpired", "Request has expired.")}, "RequestExpired", 400, false, false, "clock of this machine"},
		{"a key that is not known", answer{status: 401, body: xmlError("AuthFailure", "AWS was not able to validate the provided access credentials")}, "AuthFailure", 401, false, false, "access key may be wrong"},
		{"a signature's error is in our words", answer{status: 403, body: xmlError("SignatureDoesNotMatch", "The canonical string should have been 'POST /CANARYSTRING'")}, "SignatureDoesNotMatch", 403, false, false, "the secret access key may be wrong"},
		{"an encoded message is cut off", answer{status: 403, body: xmlError("UnauthorizedOperation", "You are not authorized to perform this operation. Encoded authorization failure message: CANARYSTRING")}, "UnauthorizedOperation", 403, false, false, "You are not authorized to perform this operation; the user's permissions"},
		{"a message that repeats the credential", answer{status: 400, body: xmlError("Odd", "no "+testKey+" or "+testSecret)}, "Odd", 400, false, false, "no … or …"},
		{"a long message is cut", answer{status: 400, body: xmlError("Odd", strings.Repeat("x", 9000))}, "Odd", 400, false, false, "…"},
		{"a good answer that is cut", answer{status: 200, body: "<StartInstancesResponse><instancesSet><item>", cut: true}, task.CodeNoReply, 200, true, true, "answer cannot be read"},
		{"a good answer with half the XML", answer{status: 200, body: "<StartInstancesResponse><instancesSet><item><inst"}, task.CodeNoReply, 200, true, true, "answer cannot be read"},
		{"a good answer of another kind", answer{status: 200, body: "hello"}, task.CodeNoReply, 200, true, true, "answer cannot be read"},
		{"a good answer that is empty", answer{status: 200}, task.CodeNoReply, 200, true, true, "does not say the state of the instance"},
		{"a good answer about another instance", answer{status: 200, body: "<StartInstancesResponse><instancesSet><item><instanceId>i-2</instanceId></item></instancesSet></StartInstancesResponse>"}, task.CodeNoReply, 200, true, true, "does not say the state"},
		{"an error that is cut", answer{status: 503, body: "<Response><Errors>", cut: true}, "http_503", 503, true, true, "gave no reason"},
		{"a connection that is refused", answer{refused: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}, task.CodeUnreachable, 0, true, false, "Amazon EC2 could not be reached: connection refused"},
		{"a connection that is reset", answer{err: &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}}, task.CodeNoReply, 0, true, true, "Amazon EC2 gave no answer: connection reset by peer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, s := scripted(t, c.answer)
			d.attempts, d.call.Note = 1, "stopped" // the look is behind
			reply := d.run("ec2.start_instance", instance("i-1"))
			f := reply.Failure
			if f == nil {
				t.Fatalf("got %+v", reply)
			}
			if f.Code != c.code || f.Status != c.status || f.Transient != c.transient || f.Unknown != c.unknown || !strings.Contains(f.Message, c.message) {
				t.Errorf("got  %+v\nwant code %s, status %d, transient %v, unknown %v, %q", *f, c.code, c.status, c.transient, c.unknown, c.message)
			}
			if strings.Contains(f.Message, "CANARYSTRING") || strings.ContainsAny(f.Message, "\n\r") || len(f.Message) > 700 {
				t.Errorf("message %q", f.Message)
			}
			if len(s.bodies) != 1 {
				t.Errorf("%d requests were made; trying again is the engine's", len(s.bodies))
			}
		})
	}
}

func TestRetryAfterIsPassedOn(t *testing.T) {
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "": 0, "soon": 0, "-1": 0, "999999999": 0} {
		d, _ := scripted(t, answer{status: 503, body: xmlError("RequestLimitExceeded", "slow"), retryAfter: header})
		d.attempts = 1
		if reply := d.run("ec2.get_instance_status", instance("i-1")); reply.Failure == nil || reply.Failure.RetryAfter != want {
			t.Errorf("Retry-After: %s gave %+v, want %s", header, reply.Failure, want)
		}
	}
}

func TestUnsettled(t *testing.T) {
	known := &task.Failure{Code: "x"}
	if open := unsettled(known).(*task.Failure); !open.Unknown || known.Unknown {
		t.Errorf("got %+v of %+v", open, known)
	}
	other := errors.New("other")
	if unsettled(other) != other {
		t.Error("another error is not passed on")
	}
}

func TestRequestsAreSignedWithTheCredential(t *testing.T) {
	d, s := scripted(t, answer{status: 400, body: xmlError("Odd", "no")})
	d.run("ec2.get_instance_status", instance("i-1"))
	if auth := s.headers[0].Get("Authorization"); !strings.Contains(auth, fmt.Sprintf("Credential=%s/", testKey)) || !strings.Contains(auth, "/us-east-1/ec2/aws4_request") {
		t.Errorf("Authorization: %s", auth)
	}
}
