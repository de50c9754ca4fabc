package ec2

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"errand/engine/task"
)

const (
	notFound       = "InvalidInstanceID.NotFound"
	unauthorized   = "UnauthorizedOperation"
	incorrectState = "IncorrectInstanceState"

	// otherParameters is the code for a client token that was used before, with other parameters.
	otherParameters = "IdempotentParameterMismatch"
)

// failure converts an error of a request. What the error shows:
//
//	no connection                        the request was not sent; may succeed later
//	no answer, or an unreadable one      the request may have taken effect; may succeed later
//	a throttle, with any status          nothing was done; may succeed later
//	408, 425, 429, 5xx, with any code    may have taken effect; may succeed later
//	no capacity, with any status         refused; an early repeat seldom helps
//	any other 4xx                        refused for good
//	3xx                                  may have taken effect; will not succeed later
//
// The codes are those of the EC2 API reference, "Error codes for the Amazon EC2 API".
func (a *account) failure(sent *task.Sent, err error) *task.Failure {
	if strange, ok := errors.AsType[*notEC2](err); ok {
		return strange.failure()
	}
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || answer.HTTPStatusCode() == 0 {
		return noAnswer(sent, err)
	}
	status, wait := answer.HTTPStatusCode(), task.RetryAfter(answer.Response.Header)
	api, _ := errors.AsType[smithy.APIError](err)
	if api == nil || api.ErrorCode() == "UnknownError" { // the SDK's code for an error that has none
		return withoutCode(status, "", wait)
	}
	f := &task.Failure{Code: api.ErrorCode(), Message: a.words(api), Status: status, RetryAfter: wait}
	f.Transient, f.Unknown = judge(f.Code, status)
	f.Throttled = isThrottle(f.Code, status, wait)
	return a.detailed(f, answer.RequestID, api)
}

// detailed returns a failure with what EC2's answer says to operators.
func (a *account) detailed(f *task.Failure, requestID string, api smithy.APIError) *task.Failure {
	f = f.With(task.Detail{Name: task.DetailRequestID, Value: requestID})
	if _, encoded := cutEncoded(api.ErrorMessage()); encoded != "" {
		f = f.With(task.Detail{Name: task.DetailAuthorization, Value: encoded})
	}
	return f.Advised(advice(api.ErrorCode()))
}

// noAnswer returns the failure for a request without an answer. Either the transport failed, or the
// request could not be made at all.
func noAnswer(sent *task.Sent, err error) *task.Failure {
	_, transport := errors.AsType[*smithyhttp.RequestSendError](err)
	if !transport && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return &task.Failure{Code: task.CodeInternal, Message: "the request to Amazon EC2 could not be made: " + rootMessage(err)}
	}
	return sent.Failure("Amazon EC2", err)
}

// issuers are the services of AWS that issue credentials, as the SDK names them. The metadata of an
// instance or a container belongs to this machine.
var issuers = []string{sts.ServiceID, "SSO", "SSO OIDC", "Signin"}

const noUsableCredential = "Amazon EC2 has no usable credential"

// noCredentials returns the failure for credentials that could not be fetched. The request to EC2
// was not sent. If a service of AWS was asked for them, the failure is its answer, or transient if
// it may answer later. A chain that ends on this machine is trouble here.
func (a *account) noCredentials(ctx context.Context, err error) *task.Failure {
	reason := rootMessage(err)
	api, _ := errors.AsType[smithy.APIError](err)
	if api != nil && api.ErrorCode() != "UnknownError" {
		reason = api.ErrorCode() + ": " + a.words(api)
	}
	f := badCredential(noUsableCredential + ": " + reason)
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok && slices.Contains(issuers, operation.ServiceID) {
		f = badCredential(noUsableCredential).With(task.Detail{Name: task.DetailReason, Value: oneLine(reason)})
		f.Local = false
		_, unreached := errors.AsType[*smithyhttp.RequestSendError](err)
		f.Transient = ctx.Err() != nil || unreached
		if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok && api != nil {
			again, _ := judge(api.ErrorCode(), answer.HTTPStatusCode())
			f.Transient, f.RetryAfter = f.Transient || again, task.RetryAfter(answer.Response.Header)
			f.Throttled = isThrottle(api.ErrorCode(), answer.HTTPStatusCode(), f.RetryAfter)
			f = a.detailed(f, answer.RequestID, api)
		}
		if strange, ok := errors.AsType[*notEC2](err); ok {
			told := strange.failure()
			f.Transient, f.RetryAfter = f.Transient || told.Transient, told.RetryAfter
			f.Throttled = told.Throttled
		}
	}
	return f
}

// withoutCode returns the failure for an answer without an error code of EC2. page describes the
// web page that came in its place, and may be empty.
func withoutCode(status int, page string, wait time.Duration) *task.Failure {
	if status >= 200 && status < 300 {
		f := unreadableAnswer("it is incomplete, or not from EC2")
		f.Status = status
		return f
	}
	f := &task.Failure{Code: fmt.Sprintf("http_%d", status), Status: status, RetryAfter: wait}
	f.Message = fmt.Sprintf("Amazon EC2 answered %d %s without a reason", status, http.StatusText(status))
	if page != "" {
		f.Message = fmt.Sprintf("Amazon EC2 answered %d %s with %s", status, http.StatusText(status), page)
	}
	f.Transient, f.Unknown = task.JudgeStatus(status)
	f.Throttled = task.IsThrottle(status, wait)
	if status >= 300 && status < 400 {
		return f.Advised(regionEndpoint + " may be wrong")
	}
	return f
}

// unreadableAnswer returns the failure for an answer that cannot be understood. Whether the request
// took effect is unknown.
func unreadableAnswer(why string) *task.Failure {
	return &task.Failure{Code: task.CodeNoReply, Message: "Amazon EC2's answer cannot be read: " + why, Status: http.StatusOK, Transient: true, Unknown: true}
}

// throttles are the codes by which EC2 refuses a request because there were too many. EC2 counts
// requests before it carries them out, so nothing was done.
var throttles = []string{
	"RequestLimitExceeded", "Throttling", "ThrottlingException", "RequestThrottled", "RequestThrottledException", "EC2ThrottledException",
}

// judge reports whether the same request may succeed later, and whether it may have taken effect.
//
// ServiceUnavailable, Unavailable and InternalError prove nothing: a server can send them after it
// passed the request on. The codes that begin with Insufficient do, although their status is 5xx:
// they are EC2's answer to a request that it examined. It then launches or starts no instance at
// all, and no gateway writes such a code.
func judge(code string, status int) (transient, unknown bool) {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case slices.Contains(throttles, code):
		return true, false
	case strings.HasPrefix(code, "Insufficient"):
		return false, false
	}
	transient, unknown = task.JudgeStatus(status)
	return transient || throttled, unknown
}

// isThrottle reports whether an answer means that there were too many requests, whether or not it
// proves that nothing was done.
func isThrottle(code string, status int, wait time.Duration) bool {
	_, listed := retry.DefaultThrottleErrorCodes[code]
	return listed || slices.Contains(throttles, code) || task.IsThrottle(status, wait)
}

// hint returns what may have caused an error with a code and what can be done, or "" if neither is
// known.
func hint(code string) string {
	switch code {
	case otherParameters:
		return "the client token was used before with other parameters; use another token for a new request"
	case "IdempotentInstanceTerminated":
		return "the instance of this client token was terminated; use another token for a new instance"
	case "InsufficientInstanceCapacity":
		return "an early repeat seldom helps; wait, or use another instance type"
	case unauthorized:
		return "the user's permissions do not allow it"
	case "OperationNotPermitted":
		return "the instance may be protected"
	case "InvalidParameterCombination":
		return "the instance type may not be offered to this account, or the launch template may contradict what the launch sets besides it"
	case "VcpuLimitExceeded":
		return "the account's quota of vCPUs is used up"
	case "InstanceLimitExceeded":
		return "the account's quota of instances is used up"
	case "VPCIdNotSpecified", "MissingInput":
		return "the region may have no default VPC; set subnet_id, or a launch_template that has a subnet"
	case "InvalidSubnetID.NotFound":
		return "a subnet belongs to one region"
	case "InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException":
		return "a launch template belongs to one region"
	case "InvalidAMIID.NotFound":
		return "an image belongs to one region"
	case notFound:
		return "an instance belongs to one region"
	case "Unsupported":
		return "the instance type may not be offered in this region"
	case "OptInRequired":
		return "the account is not subscribed to the service"
	case "PendingVerification":
		return "the account is being verified by AWS"
	case "InvalidInstanceID.Malformed":
		return "an instance's identifier looks like i-0a1b2c3d4e5f60001"
	}
	return ""
}

// advice returns what operators can look at after an error with a code, or "". A requester can act
// on none of it.
func advice(code string) string {
	switch code {
	case "RequestExpired":
		return "the clock of this machine may be wrong"
	case "AuthFailure":
		return "the access key may be wrong or inactive, or the clock of this machine may be wrong"
	case "InvalidClientTokenId":
		return "the access key is unknown"
	case "AccessDenied":
		return "the role may not exist, may not trust this user, or may require another external_id"
	}
	if strings.Contains(code, "Signature") {
		return "the secret access key may be wrong"
	}
	return ""
}

// cutEncoded splits off the encoded message that EC2 adds to a refusal. It can only be read with a
// further request, sts:DecodeAuthorizationMessage. Its characters have no meaning for a shell.
func cutEncoded(message string) (plain, encoded string) {
	const start = "encoded authorization failure message:"
	for i := range len(message) - len(start) + 1 {
		if strings.EqualFold(message[i:i+len(start)], start) {
			return strings.TrimRight(message[:i], ". "), leading(strings.TrimSpace(message[i+len(start):]), isEncoding)
		}
	}
	return message, ""
}

// leading returns the longest beginning of a text that consists of some characters only.
func leading(text string, of func(rune) bool) string {
	if end := strings.IndexFunc(text, func(r rune) bool { return !of(r) }); end >= 0 {
		return text[:end]
	}
	return text
}

// isEncoding reports whether a character can be one of base64, in either of its alphabets.
func isEncoding(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("+/=-_", r)
}

// words returns EC2's message on one line, and a hint. The message of a signature error repeats
// what was signed, so it is replaced.
func (a *account) words(api smithy.APIError) string {
	message := api.ErrorMessage()
	if strings.Contains(api.ErrorCode(), "Signature") {
		message = "the request's signature is wrong"
	}
	message, _ = cutEncoded(message)
	for _, secret := range a.secrets {
		if secret != "" {
			message = strings.ReplaceAll(message, secret, "…")
		}
	}
	message = oneLine(message)
	if h := hint(api.ErrorCode()); h != "" {
		message = strings.TrimSuffix(message, ".") + "; " + h
	}
	return message
}

// oneLine returns a text of EC2 on one line, cut at 500 characters.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const most = 500
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}

func hasCode(err error, code string) bool {
	f, ok := errors.AsType[*task.Failure](err)
	return ok && f.Code == code
}

func rootMessage(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
