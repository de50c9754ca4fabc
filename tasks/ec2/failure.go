package ec2

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
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
	notFound     = "InvalidInstanceID.NotFound"
	unauthorized = "UnauthorizedOperation"
)

// failure says what an error of a request means. What is known of it:
//
//	no connection                        the request did not leave; may succeed later
//	no answer, or one that is cut        the request may have taken effect
//	a throttle, Unavailable              it was refused; may succeed later
//	InternalError and 5xx of its like    it may have taken effect; may succeed later
//	Insufficient…Capacity                it was refused; trying again soon seldom helps
//	any other code                       it was refused for good
//	5xx without a code                   it may have taken effect; may succeed later
//
// The codes are those of the EC2 API reference, "Error codes for the Amazon EC2 API".
func (a *account) failure(sent *task.Sent, err error) *task.Failure {
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || answer.HTTPStatusCode() == 0 {
		return unanswered(sent, err)
	}
	status := answer.HTTPStatusCode()
	api, _ := errors.AsType[smithy.APIError](err)
	if api == nil || api.ErrorCode() == "UnknownError" { // the SDK's word for an error without a code
		return codeless(status)
	}
	f := &task.Failure{Code: api.ErrorCode(), Message: a.words(api), Status: status, RetryAfter: retryAfter(answer)}
	f.Transient, f.Unknown = judge(f.Code, status)
	return f
}

// unanswered is the failure where no answer came: by the transport, or because the request could not even be made.
func unanswered(sent *task.Sent, err error) *task.Failure {
	_, transport := errors.AsType[*smithyhttp.RequestSendError](err)
	if !transport && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return &task.Failure{Code: task.CodeInternal, Message: "the request to Amazon EC2 could not be made: " + innermost(err)}
	}
	return sent.Failure("Amazon EC2", err)
}

const noneToSign = "Amazon EC2 has no usable credential: "

// unfetched is the failure where there are no credentials to sign with: what EC2 would have been asked has not left. Where STS
// was asked for a role's, it may be that it only has no time.
func (a *account) unfetched(ctx context.Context, err error) *task.Failure {
	reason := innermost(err)
	api, _ := errors.AsType[smithy.APIError](err)
	if api != nil && api.ErrorCode() != "UnknownError" {
		reason = api.ErrorCode() + ": " + a.words(api)
	}
	f := unusable(noneToSign + reason)
	f.Transient = ctx.Err() != nil
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok && operation.ServiceID == sts.ServiceID {
		_, unreached := errors.AsType[*smithyhttp.RequestSendError](err)
		f.Transient = f.Transient || unreached
		if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok && api != nil {
			again, _ := judge(api.ErrorCode(), answer.HTTPStatusCode())
			f.Transient = f.Transient || again
		}
	}
	return f
}

func codeless(status int) *task.Failure {
	if status >= 200 && status < 300 {
		f := unreadable("it is cut or not what EC2 sends")
		f.Status = status
		return f
	}
	f := &task.Failure{
		Code: fmt.Sprintf("http_%d", status), Status: status,
		Message:   fmt.Sprintf("Amazon EC2 answered %d %s and gave no reason", status, http.StatusText(status)),
		Transient: status >= 500 || status == http.StatusTooManyRequests,
		Unknown:   status >= 500,
	}
	if status >= 300 && status < 400 {
		f.Message += "; " + regionEndpoint + " may be wrong"
	}
	return f
}

// unreadable is the failure where an answer came that cannot be understood: whether the request took effect is not known.
func unreadable(why string) *task.Failure {
	return &task.Failure{Code: task.CodeNoReply, Message: "Amazon EC2's answer cannot be read: " + why, Status: http.StatusOK, Transient: true, Unknown: true}
}

// judge tells whether the same request may succeed later, and whether it may have taken effect.
func judge(code string, status int) (transient, unknown bool) {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case throttled, code == "ServiceUnavailable", code == "Unavailable":
		return true, false
	case code == "InternalError", code == "InternalFailure":
		return true, true
	case strings.HasPrefix(code, "Insufficient"): // capacity: a 5xx that a quick retry does not cure
		return false, false
	}
	return status >= 500, status >= 500
}

// hint says what can be done about an error with a code, or "" if nothing is known.
func hint(code string) string {
	switch code {
	case "IdempotentParameterMismatch":
		return "the client token was used before with other parameters; a new request needs another one"
	case "IdempotentInstanceTerminated":
		return "the instance that this client token made is gone; a new one needs another client token"
	case "InsufficientInstanceCapacity":
		return "trying again at once seldom helps; wait, or take another instance type"
	case "RequestExpired":
		return "the clock of this machine may be wrong"
	case "AuthFailure":
		return "the access key may be wrong or switched off, or the clock of this machine wrong"
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
		return "the access key is not known"
	case "AccessDenied":
		return "the role may not be there, may not trust whoever asks, or may ask for another external_id"
	case "InvalidAMIID.NotFound":
		return "an image belongs to one region"
	case notFound:
		return "an instance belongs to one region"
	case "Unsupported":
		return "the instance type may not be offered here"
	case "OptInRequired":
		return "the account is not subscribed to the service"
	case "PendingVerification":
		return "the account is being verified by AWS"
	case "InvalidInstanceID.Malformed":
		return "an instance's identifier looks like i-0a1b2c3d4e5f60001"
	}
	return ""
}

// withoutEncoded cuts off the encoded message that EC2 adds to a refusal. Only who may decode it can read it.
func withoutEncoded(message string) string {
	const start = "encoded authorization failure message:"
	for i := range len(message) - len(start) + 1 {
		if strings.EqualFold(message[i:i+len(start)], start) {
			return strings.TrimRight(message[:i], ". ")
		}
	}
	return message
}

// words are EC2's own, on one line, and what can be done. A signature's error repeats what was signed, so it is put in our own.
func (a *account) words(api smithy.APIError) string {
	message := api.ErrorMessage()
	if strings.Contains(api.ErrorCode(), "Signature") {
		message = "the request's signature is not right; the secret access key may be wrong"
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

func retryAfter(answer *awshttp.ResponseError) time.Duration {
	seconds, err := strconv.Atoi(answer.Response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > 24*60*60 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// unsettled marks a failure of a look that was to settle what an earlier attempt did: that is still not known.
func unsettled(err error) error {
	if f, ok := errors.AsType[*task.Failure](err); ok {
		open := *f
		open.Unknown = true
		return &open
	}
	return err
}

func hasCode(err error, code string) bool {
	f, ok := errors.AsType[*task.Failure](err)
	return ok && f.Code == code
}

func innermost(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
