package ec2

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf16"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

func TestFailures(t *testing.T) {
	html := "<html><body><h1>503 Service Unavailable</h1></body>"
	cases := []tasktest.FailureCase{
		{Name: "a throttle", Answer: tasktest.Answer{Status: 503, Body: xmlError("RequestLimitExceeded", "Request limit exceeded.")}, Code: "RequestLimitExceeded", Status: 503, Transient: true, Throttled: true, Message: "Request limit exceeded."},
		{Name: "a throttle of another name", Answer: tasktest.Answer{Status: 400, Body: xmlError("Throttling", "Rate exceeded")}, Code: "Throttling", Status: 400, Transient: true, Throttled: true, Message: "Rate exceeded"},
		{Name: "the EC2 throttle", Answer: tasktest.Answer{Status: 503, Body: xmlError("EC2ThrottledException", "slow")}, Code: "EC2ThrottledException", Status: 503, Transient: true, Throttled: true, Message: "slow"},
		{Name: "unavailable", Answer: tasktest.Answer{Status: 503, Body: xmlError("Unavailable", "The server is overloaded")}, Code: "Unavailable", Status: 503, Transient: true, Unknown: true, Message: "overloaded"},
		{Name: "service unavailable", Answer: tasktest.Answer{Status: 503, Body: xmlError("ServiceUnavailable", "later")}, Code: "ServiceUnavailable", Status: 503, Transient: true, Unknown: true, Message: "later"},
		{Name: "an internal error", Answer: tasktest.Answer{Status: 500, Body: xmlError("InternalError", "An internal error has occurred")}, Code: "InternalError", Status: 500, Transient: true, Unknown: true, Message: "internal error"},
		{Name: "an internal failure", Answer: tasktest.Answer{Status: 500, Body: xmlError("InternalFailure", "failed")}, Code: "InternalFailure", Status: 500, Transient: true, Unknown: true, Message: "failed"},
		{Name: "another 5xx with a code", Answer: tasktest.Answer{Status: 500, Body: xmlError("Strange", "odd")}, Code: "Strange", Status: 500, Transient: true, Unknown: true, Message: "odd"},
		{Name: "no capacity", Answer: tasktest.Answer{Status: 500, Body: xmlError("InsufficientInstanceCapacity", "We do not have sufficient capacity.")}, Code: "InsufficientInstanceCapacity", Status: 500, Message: "sufficient capacity; an early repeat seldom helps"},
		{Name: "no addresses", Answer: tasktest.Answer{Status: 500, Body: xmlError("InsufficientFreeAddressesInSubnet", "none")}, Code: "InsufficientFreeAddressesInSubnet", Status: 500, Message: "none"},
		{Name: "503 with a web page", Answer: tasktest.Answer{Status: 503, Body: html}, Code: "http_503", Status: 503, Transient: true, Unknown: true, Message: "Amazon EC2 answered 503 Service Unavailable with a web page without a title"},
		{Name: "502 without a body", Answer: tasktest.Answer{Status: 502}, Code: "http_502", Status: 502, Transient: true, Unknown: true, Message: "502 Bad Gateway"},
		{Name: "500 with XML of another kind", Answer: tasktest.Answer{Status: 500, Body: "<oops/>"}, Code: "http_500", Status: 500, Transient: true, Unknown: true, Message: "500 Internal Server Error"},
		{Name: "429 without a code", Answer: tasktest.Answer{Status: 429, Body: "slow down"}, Code: "http_429", Status: 429, Transient: true, Unknown: true, Throttled: true, Message: "429"},
		{Name: "429 with a code that is no throttle", Answer: tasktest.Answer{Status: 429, Body: xmlError("Strange", "odd")}, Code: "Strange", Status: 429, Transient: true, Unknown: true, Throttled: true, Message: "odd"},
		{Name: "429 with a throttle", Answer: tasktest.Answer{Status: 429, Body: xmlError("ThrottlingException", "odd")}, Code: "ThrottlingException", Status: 429, Transient: true, Throttled: true, Message: "odd"},
		{Name: "a throttle of another service under 503", Answer: tasktest.Answer{Status: 503, Body: xmlError("PriorRequestNotComplete", "odd")}, Code: "PriorRequestNotComplete", Status: 503, Transient: true, Unknown: true, Throttled: true, Message: "odd"},
		{Name: "408 without a code", Answer: tasktest.Answer{Status: 408}, Code: "http_408", Status: 408, Transient: true, Unknown: true, Message: "408 Request Timeout"},
		{Name: "425 without a code", Answer: tasktest.Answer{Status: 425}, Code: "http_425", Status: 425, Transient: true, Unknown: true, Message: "425"},
		{Name: "404 with a page", Answer: tasktest.Answer{Status: 404, Body: "<html><title>Nothing here</title>"}, Code: "http_404", Status: 404, Message: `404 Not Found with a web page titled "Nothing here"`},
		{Name: "a log-in page under a good status", Answer: tasktest.Answer{Status: 200, Body: "<title>Please log in</title>", Header: map[string]string{"Content-Type": "text/html"}}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: `it is a web page titled "Please log in"; is the address a log-in page?`},
		{Name: "a charset that is not known", Answer: tasktest.Answer{Status: 200, Body: "<StartInstancesResponse/>", Header: map[string]string{"Content-Type": "text/xml; charset=Big5"}}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: `it is in the charset "big5"`},
		{Name: "a charset that the document declares", Answer: tasktest.Answer{Status: 200, Body: `<?xml version="1.0" encoding="EBCDIC"?><StartInstancesResponse/>`}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: `it is in the charset "ebcdic"`},
		{Name: "a declared charset", Answer: tasktest.Answer{Status: 400, Body: `<?xml version="1.0" encoding="ISO-8859-1"?>` + xmlError("Odd", "no caf\xe9")}, Code: "Odd", Status: 400, Message: "no café"},
		{Name: "UTF-16", Answer: tasktest.Answer{Status: 400, Body: utf16BE(`<?xml version="1.0" encoding="UTF-16"?>` + xmlError("Odd", "no café"))}, Code: "Odd", Status: 400, Message: "no café"},
		{Name: "a byte order mark", Answer: tasktest.Answer{Status: 400, Body: "\xef\xbb\xbf" + xmlError("Odd", "no")}, Code: "Odd", Status: 400, Message: "no"},
		{Name: "the answer to another request", Answer: tasktest.Answer{Status: 200, Body: "<StopInstancesResponse/>"}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "it is not a StartInstancesResponse"},
		{Name: "an answer that is too long", Answer: tasktest.Answer{Status: 200, Body: strings.Repeat(" ", answerLimit+1)}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "it is longer than 8 MiB"},
		{Name: "an error that is too long", Answer: tasktest.Answer{Status: 400, Body: strings.Repeat(" ", answerLimit+1)}, Code: task.CodeNoReply, Status: 400, Transient: true, Unknown: true, Message: "it is longer than 8 MiB"},
		{Name: "403 of a proxy", Answer: tasktest.Answer{Status: 403, Body: "<html>no</html>"}, Code: "http_403", Status: 403, Message: "403 Forbidden"},
		{Name: "a redirect is not followed", Answer: tasktest.Answer{Status: 302, Body: ""}, Code: "http_302", Status: 302, Unknown: true, Advice: "region_endpoint may be wrong"},
		{Name: "a malformed identifier", Answer: tasktest.Answer{Status: 400, Body: xmlError("InvalidInstanceID.Malformed", "Invalid id: \"x\"")}, Code: "InvalidInstanceID.Malformed", Status: 400, Message: "looks like i-0a1b2c3d4e5f60001"},
		{Name: "a quota", Answer: tasktest.Answer{Status: 400, Body: xmlError("VcpuLimitExceeded", "You have requested more vCPU capacity than allowed.")}, Code: "VcpuLimitExceeded", Status: 400, Message: "quota of vCPUs"},
		{Name: "a token used otherwise", Answer: tasktest.Answer{Status: 400, Body: xmlError("IdempotentParameterMismatch", "Mismatch.")}, Code: "IdempotentParameterMismatch", Status: 400, Message: "Mismatch; the client token was used before with other parameters"},
		{Name: "an instance of the token that is gone", Answer: tasktest.Answer{Status: 400, Body: xmlError("IdempotentInstanceTerminated", "Gone.")}, Code: "IdempotentInstanceTerminated", Status: 400, Message: "use another token for a new instance"},
		{Name: "a clock that is wrong", Answer: tasktest.Answer{Status: 400, Body: xmlError("RequestExpired", "Request has expired.")}, Code: "RequestExpired", Status: 400, Message: "has expired", Advice: "clock of this machine"},
		{Name: "a key that is not known", Answer: tasktest.Answer{Status: 401, Body: xmlError("AuthFailure", "AWS was not able to validate the provided access credentials")}, Code: "AuthFailure", Status: 401, Message: "not able to validate", Advice: "access key may be wrong"},
		{Name: "a signature's error is in our words", Answer: tasktest.Answer{Status: 403, Body: xmlError("SignatureDoesNotMatch", "The canonical string should have been 'POST /"+canarySignature+"'")}, Code: "SignatureDoesNotMatch", Status: 403, Message: "signature is wrong", Advice: "the secret access key may be wrong"},
		{Name: "an encoded message is cut off", Answer: tasktest.Answer{Status: 403, Body: xmlError("UnauthorizedOperation", "You are not authorized to perform this operation. Encoded authorization failure message: 4ncoded")}, Code: "UnauthorizedOperation", Status: 403, Message: "You are not authorized to perform this operation; the user's permissions"},
		{Name: "a message that repeats the credential", Answer: tasktest.Answer{Status: 400, Body: xmlError("Odd", "no "+testKey+" or "+testSecret)}, Code: "Odd", Status: 400, Message: "no … or …"},
		{Name: "a long message is cut", Answer: tasktest.Answer{Status: 400, Body: xmlError("Odd", strings.Repeat("x", 9000))}, Code: "Odd", Status: 400, Message: "…"},
		{Name: "a good answer that is cut", Answer: tasktest.Answer{Status: 200, Body: "<StartInstancesResponse><instancesSet><item>", Cut: true}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "answer cannot be read"},
		{Name: "a good answer with half the XML", Answer: tasktest.Answer{Status: 200, Body: "<StartInstancesResponse><instancesSet><item><inst"}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "answer cannot be read"},
		{Name: "a good answer of another kind", Answer: tasktest.Answer{Status: 200, Body: "hello"}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "answer cannot be read"},
		{Name: "a good answer that is empty", Answer: tasktest.Answer{Status: 200}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "it is not a StartInstancesResponse"},
		{Name: "a good answer about another instance", Answer: tasktest.Answer{Status: 200, Body: "<StartInstancesResponse><instancesSet><item><instanceId>i-2</instanceId></item></instancesSet></StartInstancesResponse>"}, Code: task.CodeNoReply, Status: 200, Transient: true, Unknown: true, Message: "does not contain the state"},
		{Name: "an error that is cut", Answer: tasktest.Answer{Status: 503, Body: "<Response><Errors>", Cut: true}, Code: "http_503", Status: 503, Transient: true, Unknown: true, Message: "without a reason"},
		{Name: "a connection that is refused", Answer: tasktest.Answer{Refused: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}, Code: task.CodeUnreachable, Transient: true, Message: "Amazon EC2 could not be reached: connection refused"},
		{Name: "a connection that is reset", Answer: tasktest.Answer{Err: &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}}, Code: task.CodeNoReply, Transient: true, Unknown: true, Message: "Amazon EC2 gave no answer: connection reset by peer"},
	}
	tasktest.TestFailures(t, scripted, cases, "ec2.start_instance", instance("i-1"), "stopped")
}

// utf16BE returns a text in UTF-16 with a byte order mark.
func utf16BE(text string) string {
	b := []byte("\xfe\xff")
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.BigEndian.AppendUint16(b, unit)
	}
	return string(b)
}

func TestRetryAfter(t *testing.T) {
	busy := tasktest.Answer{Status: 503, Body: xmlError("RequestLimitExceeded", "slow")}
	tasktest.TestRetryAfter(t, scripted, busy, "ec2.get_instance_status", instance("i-1"))
}

func TestRequestsAreSignedWithTheCredential(t *testing.T) {
	d, s := scripted(t, tasktest.Answer{Status: 400, Body: xmlError("Odd", "no")})
	d.Run("ec2.get_instance_status", instance("i-1"))
	if auth := s.Requests[0].Header.Get("Authorization"); !strings.Contains(auth, fmt.Sprintf("Credential=%s/", testKey)) || !strings.Contains(auth, "/us-east-1/ec2/aws4_request") {
		t.Errorf("Authorization: %s", auth)
	}
}

// EC2's id of a request and an encoded message are kept for operators, and no message contains them.
func TestDetailsAreForOperators(t *testing.T) {
	body := strings.Replace(xmlError("UnauthorizedOperation", "You may not. Encoded authorization failure message: 4nc0ded-Text_. "), "<RequestID>r<", "<RequestID>7f2c-request<", 1)
	for _, typ := range []string{"ec2.start_instance", "ec2.restart_instance", "ec2.get_instance_status"} {
		d, _ := scripted(t, tasktest.Answer{Status: 403, Body: body})
		d.Attempts = 1
		f := d.Run(typ, instance("i-1")).Failure
		if f == nil {
			t.Fatal("there was no failure")
		}
		want := []task.Detail{
			{Name: task.DetailRequestID, Value: "7f2c-request"},
			{Name: task.DetailAuthorization, Value: "4nc0ded-Text_"},
		}
		if !slices.Equal(f.Details, want) || strings.Contains(f.ForOperators(), "4nc0ded") || strings.Contains(f.Message, "7f2c") {
			t.Errorf("%s: got %+v\nwant %+v", typ, f, want)
		}
	}
}
