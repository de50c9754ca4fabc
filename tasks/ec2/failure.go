package ec2

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"errand/engine/task"
)

const (
	notFound     = "InvalidInstanceID.NotFound"
	unauthorized = "UnauthorizedOperation"
)

// failure converts an error of a request. What the error shows:
//
//	no connection                        the request was not sent; may succeed later
//	no answer, or an incomplete one      the request may have taken effect
//	a throttle, Unavailable              refused; may succeed later
//	InternalError, and 5xx like it       may have taken effect; may succeed later
//	Insufficient…Capacity                refused; an early repeat seldom helps
//	any other code                       refused for good
//	5xx without a code                   may have taken effect; may succeed later
//
// The codes are those of the EC2 API reference, "Error codes for the Amazon EC2 API".
func (a *account) failure(sent *task.Sent, err error) *task.Failure {
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || answer.HTTPStatusCode() == 0 {
		return noAnswer(sent, err)
	}
	status := answer.HTTPStatusCode()
	api, _ := errors.AsType[smithy.APIError](err)
	if api == nil || api.ErrorCode() == "UnknownError" { // the SDK's code for an error that has none
		return withoutCode(status)
	}
	f := &task.Failure{Code: api.ErrorCode(), Message: a.words(api), Status: status, RetryAfter: task.ParseRetryAfter(answer.Response.Header.Get("Retry-After"))}
	f.Transient, f.Unknown = judge(f.Code, status)
	return f
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

const noUsableCredential = "Amazon EC2 has no usable credential: "

// noCredentials returns the failure for credentials that could not be fetched. The request to EC2
// was not sent. If a service of AWS was asked for them, the failure is its answer, or transient if
// it may answer later. A chain that ends on this machine is trouble here.
func (a *account) noCredentials(ctx context.Context, err error) *task.Failure {
	reason := rootMessage(err)
	api, _ := errors.AsType[smithy.APIError](err)
	if api != nil && api.ErrorCode() != "UnknownError" {
		reason = api.ErrorCode() + ": " + a.words(api)
	}
	f := badCredential(noUsableCredential + reason)
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok && slices.Contains(issuers, operation.ServiceID) {
		f.Local = false
		_, unreached := errors.AsType[*smithyhttp.RequestSendError](err)
		f.Transient = ctx.Err() != nil || unreached
		if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok && api != nil {
			again, _ := judge(api.ErrorCode(), answer.HTTPStatusCode())
			f.Transient = f.Transient || again
		}
	}
	return f
}

func withoutCode(status int) *task.Failure {
	if status >= 200 && status < 300 {
		f := unreadableAnswer("it is incomplete, or not from EC2")
		f.Status = status
		return f
	}
	f := &task.Failure{
		Code: fmt.Sprintf("http_%d", status), Status: status,
		Message:   fmt.Sprintf("Amazon EC2 answered %d %s without a reason", status, http.StatusText(status)),
		Transient: status >= 500 || status == http.StatusTooManyRequests,
		Unknown:   status >= 500,
	}
	if status >= 300 && status < 400 {
		f.Message += "; " + regionEndpoint + " may be wrong"
	}
	return f
}

// unreadableAnswer returns the failure for an answer that cannot be understood. Whether the request
// took effect is unknown.
func unreadableAnswer(why string) *task.Failure {
	return &task.Failure{Code: task.CodeNoReply, Message: "Amazon EC2's answer cannot be read: " + why, Status: http.StatusOK, Transient: true, Unknown: true}
}

// judge reports whether the same request may succeed later, and whether it may have taken effect.
func judge(code string, status int) (transient, unknown bool) {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case throttled, code == "ServiceUnavailable", code == "Unavailable":
		return true, false
	case code == "InternalError", code == "InternalFailure":
		return true, true
	case strings.HasPrefix(code, "Insufficient"): // capacity: a 5xx status, but an early repeat does not help
		return false, false
	}
	return status >= 500, status >= 500
}

// hint returns what may have caused an error with a code and what can be done, or "" if neither is
// known.
func hint(code string) string {
	switch code {
	case "IdempotentParameterMismatch":
		return "the client token was used before with other parameters; use another token for a new request"
	case "IdempotentInstanceTerminated":
		return "the instance of this client token was terminated; use another token for a new instance"
	case "InsufficientInstanceCapacity":
		return "an early repeat seldom helps; wait, or use another instance type"
	case "RequestExpired":
		return "the clock of this machine may be wrong"
	case "AuthFailure":
		return "the access key may be wrong or inactive, or the clock of this machine may be wrong"
	case unauthorized:
		return "the user's permissions do not allow it"
	case "OperationNotPermitted":
		return "the instance may be protected"
	case "InvalidParameterCombination":
		return "the instance type may not be offered to this account"
	case "VcpuLimitExceeded":
		return "the account's quota of vCPUs is used up"
	case "InstanceLimitExceeded":
		return "the account's quota of instances is used up"
	case "InvalidClientTokenId":
		return "the access key is unknown"
	case "AccessDenied":
		return "the role may not exist, may not trust this user, or may require another external_id"
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

// withoutEncoded removes the encoded message that EC2 adds to a refusal. It cannot be read without
// a further request, sts:DecodeAuthorizationMessage.
func withoutEncoded(message string) string {
	const start = "encoded authorization failure message:"
	for i := range len(message) - len(start) + 1 {
		if strings.EqualFold(message[i:i+len(start)], start) {
			return strings.TrimRight(message[:i], ". ")
		}
	}
	return message
}

// words returns EC2's message on one line, and a hint. The message of a signature error repeats
// what was signed, so it is replaced.
func (a *account) words(api smithy.APIError) string {
	message := api.ErrorMessage()
	if strings.Contains(api.ErrorCode(), "Signature") {
		message = "the request's signature is wrong; the secret access key may be wrong"
	}
	message = strings.Join(strings.Fields(withoutEncoded(message)), " ")
	for _, secret := range a.secrets {
		if secret != "" {
			message = strings.ReplaceAll(message, secret, "…")
		}
	}
	const most = 500
	if runes := []rune(message); len(runes) > most {
		message = string(runes[:most]) + "…"
	}
	if h := hint(api.ErrorCode()); h != "" {
		message = strings.TrimSuffix(message, ".") + "; " + h
	}
	return message
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
