package ec2

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// templateRule demands the form of a launch template. A name has no colon.
var templateRule = task.Form("an identifier or a name, and perhaps a version behind a colon, such as web, web:3 or web:$Latest",
	`^$|^[^:]+(:([0-9]+|\$Latest|\$Default))?$`, "launch_template")

// templateOf reads a launch template: its identifier or its name, and perhaps a version.
func templateOf(text string) *types.LaunchTemplateSpecification {
	if text == "" {
		return nil
	}
	which, version, _ := strings.Cut(text, ":")
	template := &types.LaunchTemplateSpecification{Version: orNull(&version)}
	if strings.HasPrefix(which, "lt-") {
		template.LaunchTemplateId = &which
	} else {
		template.LaunchTemplateName = &which
	}
	return template
}
