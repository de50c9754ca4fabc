package ec2

import (
	"cmp"
	"encoding/base64"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// userDataLimit is the size of the largest user data, in bytes, before it is encoded.
const userDataLimit = 16 << 10

// launchRules returns the rules about a launch.
func launchRules() []task.Rule {
	return append(tagRules(),
		task.AnyOf("there is no image to launch", "ami_id", "launch_template"),
		task.Form("at most 64 ASCII characters", `^[ -~]{0,64}$`, "client_token"),
		templateRule,
		task.AtMost(userDataLimit, "user_data"),
		task.Judged("Only one of enable_basic_monitoring and detailed_monitoring is true.", createInput.checkMonitoring, "enable_basic_monitoring", "detailed_monitoring"),
	)
}

// request returns the request of the launch, without what the credential adds. A repeat must have
// the same parameters, because EC2 compares them.
func (l *launch) request() *sdk.RunInstancesInput {
	in := l.in
	request := &sdk.RunInstancesInput{
		ImageId:            orNull(&in.AMIID),
		InstanceType:       types.InstanceType(in.InstanceType),
		MinCount:           aws.Int32(1),
		MaxCount:           aws.Int32(1),
		ClientToken:        aws.String(l.token()),
		KernelId:           orNull(&in.KernelID),
		RamdiskId:          orNull(&in.RAMDiskID),
		SubnetId:           orNull(&in.SubnetID),
		LaunchTemplate:     templateOf(in.LaunchTemplate),
		IamInstanceProfile: profileOf(in.InstanceProfile),
		UserData:           encoded(in.UserData),
		Monitoring:         in.monitoring(),
		TagSpecifications:  []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: in.tags(l.call)}},
	}
	if in.LaunchTemplate == "" {
		request.InstanceType = cmp.Or(request.InstanceType, types.InstanceTypeT1Micro)
	}
	return request
}

// token returns the client token of the launch.
func (l *launch) token() string { return cmp.Or(l.in.ClientToken, l.call.Key()) }

// monitoring returns what the launch asks for. A box that is not ticked asks for nothing, so that
// it costs nothing.
func (in createInput) monitoring() *types.RunInstancesMonitoringEnabled {
	if !aws.ToBool(in.Monitoring) && !in.Detailed {
		return nil
	}
	return &types.RunInstancesMonitoringEnabled{Enabled: &in.Detailed}
}

func (in createInput) checkMonitoring() *task.Breach {
	if aws.ToBool(in.Monitoring) && in.Detailed {
		return &task.Breach{Parameter: "detailed_monitoring", Reason: "is true, and so is enable_basic_monitoring; expected one of them"}
	}
	return nil
}

// profileOf returns an instance profile that is given by its name or its ARN.
func profileOf(profile string) *types.IamInstanceProfileSpecification {
	switch {
	case profile == "":
		return nil
	case strings.HasPrefix(profile, "arn:"):
		return &types.IamInstanceProfileSpecification{Arn: &profile}
	}
	return &types.IamInstanceProfileSpecification{Name: &profile}
}

// encoded returns user data in the form of the API.
func encoded(userData string) *string {
	text := base64.StdEncoding.EncodeToString([]byte(userData))
	return orNull(&text)
}
