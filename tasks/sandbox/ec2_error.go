package sandbox

import "fmt"

// A refusal is an error answer of EC2: one of the codes below, and a text.
type refusal struct{ code, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

func newRefusal(code, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// sandboxLimit is the code for what EC2 may know and the sandbox does not. It is no code of EC2, so
// nobody takes a limit of the sandbox for an answer of EC2. Its status is in the 400 series, because
// nothing was done and a repetition does not help.
const sandboxLimit = "SandboxLimit"

// An errorCode is one of EC2's codes with its HTTP status.
//
// The codes are from "Error codes for the Amazon EC2 API" in the EC2 API reference. That page gives
// the statuses only as "400 series" and "500 series". The exact statuses are from "Common errors"
// in the same reference, or are known from the service's answers.
type errorCode struct {
	code   string
	status int
}

// The codes that the sandbox uses by itself, followed by those that only a fault causes.
var codes = []errorCode{
	{sandboxLimit, 400},
	{"MissingAction", 400},
	{"MalformedQueryString", 400},
	{"MissingAuthenticationToken", 403},
	{"AuthFailure", 401},
	{"DryRunOperation", 412},
	{"MissingParameter", 400},
	{"InvalidParameterValue", 400},
	{"InvalidParameterCombination", 400},
	{"InvalidPaginationToken", 400},
	{"InvalidInstanceID.Malformed", 400},
	{"InvalidInstanceID.NotFound", 400},
	{"InvalidInstanceType", 400},
	{"InvalidInstanceAttributeValue", 400},
	{"InvalidUserData.Malformed", 400},
	{"InvalidID", 400},
	{"InvalidVolumeID.Malformed", 400},
	{"InvalidVolume.NotFound", 400},
	{"InvalidVpcId.Malformed", 400},
	{"InvalidVpcID.NotFound", 400},
	{"InvalidSubnetID.Malformed", 400},
	{"InvalidSubnetID.NotFound", 400},
	{"VPCIdNotSpecified", 400},
	{"IncorrectInstanceState", 400},
	{"OperationNotPermitted", 400},
	{"InvalidAMIID.Malformed", 400},
	{"InvalidAMIID.NotFound", 400},
	{"InvalidKernelId.Malformed", 400},
	{"InvalidRamdiskId.Malformed", 400},
	{"InvalidKeyPair.NotFound", 400},
	{"InvalidGroupId.Malformed", 400},
	{"InvalidGroup.NotFound", 400},
	{"TagLimitExceeded", 400},
	{"InvalidLaunchTemplateId.Malformed", 400},
	{"InvalidLaunchTemplateId.NotFound", 400},
	{"InvalidLaunchTemplateId.VersionNotFound", 400},
	{"InvalidLaunchTemplateName.NotFoundException", 400},
	{"IdempotentParameterMismatch", 400},
	{"IdempotentInstanceTerminated", 400},
	{"InstanceLimitExceeded", 400},
	{"VcpuLimitExceeded", 400},

	{"MissingInput", 400},
	{"InvalidAction", 400},
	{"NoSuchVersion", 400},
	{"UnknownParameter", 400},
	{"UnauthorizedOperation", 403},
	{"OptInRequired", 403},
	{"PendingVerification", 400},
	{"Blocked", 403},
	{"Unsupported", 400},
	{"UnsupportedOperation", 400},
	{"RequestExpired", 400},
	{"RequestLimitExceeded", 503},
	{"Throttling", 400},
	{"InsufficientInstanceCapacity", 500},
	{"InternalError", 500},
	{"InternalFailure", 500},
	{"ServiceUnavailable", 503},
	{"Unavailable", 503},
}

// statusOf returns the HTTP status of a code, or 0 if the code is unknown.
func statusOf(code string) int {
	for _, c := range codes {
		if c.code == code {
			return c.status
		}
	}
	return 0
}

func errorCodes() []string {
	var all []string
	for _, c := range codes {
		all = append(all, c.code)
	}
	return all
}
