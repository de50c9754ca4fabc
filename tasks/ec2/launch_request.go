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

// request returns the request of the launch, without what the credential adds. A repeat must have
// the same parameters, because EC2 compares them.
func (l *launch) request() (*sdk.RunInstancesInput, error) {
	in := l.in
	token := cmp.Or(in.ClientToken, l.call.Key())
	if len(token) > 64 || strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, badInput("client_token", token, "is not a client token; it has at most 64 ASCII characters")
	}
	tags, err := in.tags(l.call)
	if err != nil {
		return nil, err
	}
	request := &sdk.RunInstancesInput{
		ImageId:            orNull(&in.AMIID),
		InstanceType:       types.InstanceType(in.InstanceType),
		MinCount:           aws.Int32(1),
		MaxCount:           aws.Int32(1),
		ClientToken:        aws.String(token),
		KernelId:           orNull(&in.KernelID),
		RamdiskId:          orNull(&in.RAMDiskID),
		SubnetId:           orNull(&in.SubnetID),
		IamInstanceProfile: profileOf(in.InstanceProfile),
		TagSpecifications:  []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: tags}},
	}
	switch {
	case in.LaunchTemplate != "":
		if request.LaunchTemplate, err = launchTemplate(in.LaunchTemplate); err != nil {
			return nil, err
		}
	case in.AMIID == "":
		return nil, badInput("ami_id", "", "names no image; it is required without launch_template")
	default:
		request.InstanceType = cmp.Or(request.InstanceType, types.InstanceTypeT1Micro)
	}
	if request.UserData, err = userData(in.UserData); err != nil {
		return nil, err
	}
	request.Monitoring, err = in.monitoring()
	return request, err
}

// monitoring returns what the launch asks for. A box that is not ticked asks for nothing, so that
// it costs nothing.
func (in createInput) monitoring() (*types.RunInstancesMonitoringEnabled, error) {
	basic, detailed := aws.ToBool(in.Monitoring), in.Detailed
	switch {
	case basic && detailed:
		return nil, &task.Failure{Code: task.CodeInput, Message: "detailed_monitoring: true contradicts enable_basic_monitoring, which is also true; set one of them"}
	case basic || detailed:
		return &types.RunInstancesMonitoringEnabled{Enabled: &detailed}, nil
	}
	return nil, nil
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

// userDataLimit is the size of the largest user data, in bytes, before it is encoded.
const userDataLimit = 16 << 10

// userData returns user data in the form of the API.
func userData(text string) (*string, error) {
	switch {
	case text == "":
		return nil, nil
	case len(text) > userDataLimit:
		return nil, &task.Failure{Code: task.CodeInput, Message: "user_data: the text is longer than 16 KiB, which is the most that EC2 accepts"}
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	return &encoded, nil
}
