package ec2

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchTemplate reads a launch template: its identifier or its name, and perhaps a version. A name
// has no colon.
func launchTemplate(text string) (*types.LaunchTemplateSpecification, error) {
	which, version, versioned := strings.Cut(text, ":")
	switch {
	case which == "":
		return nil, badInput("launch_template", text, "names no launch template; write its identifier or its name, such as web or web:3")
	case versioned && !isVersion(version):
		return nil, badInput("launch_template", text, "has no version behind its colon; write a number, $Latest or $Default, such as "+which+":3")
	}
	template := &types.LaunchTemplateSpecification{}
	if strings.HasPrefix(which, "lt-") {
		template.LaunchTemplateId = &which
	} else {
		template.LaunchTemplateName = &which
	}
	if versioned {
		template.Version = &version
	}
	return template, nil
}

func isVersion(text string) bool {
	return text == "$Latest" || text == "$Default" || text != "" && strings.Trim(text, "0123456789") == ""
}
