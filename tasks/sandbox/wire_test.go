package sandbox

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// The answers of EC2 as they are sent, one for each form.
func TestWire(t *testing.T) {
	queries := []string{
		"Action=StartInstances&InstanceId.1=" + stoppedID,
		"Action=StopInstances&InstanceId.1=" + runningID,
		"Action=TerminateInstances&InstanceId.1=" + runningID,
		"Action=RebootInstances&InstanceId.1=" + runningID,
		"Action=RunInstances&ImageId=" + imageID + "&MinCount=2&MaxCount=2&InstanceType=t1.micro&ClientToken=a&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=a+%3C+b",
		"Action=DescribeInstances&Filter.1.Name=instance-state-name&Filter.1.Value.1=running",
		"Action=DescribeInstances&Filter.1.Name=instance-state-name&Filter.1.Value.1=pending",
		"Action=DescribeInstanceStatus&IncludeAllInstances=true",
		"Action=DescribeImages",
		"Action=DescribeKeyPairs",
		"Action=DescribeSecurityGroups",
		"Action=StartInstances&InstanceId.1=i-0a1b2c3d",
		"Action=CreateTags&ResourceId.1=" + runningID + "&Tag.1.Key=team&Tag.1.Value=web",
		"Action=DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1=" + runningID,
		"Action=DescribeVolumes&Filter.1.Name=attachment.instance-id&Filter.1.Value.1=" + runningID,
		"Action=DescribeVpcs",
		"Action=DescribeSubnets&Filter.1.Name=availability-zone&Filter.1.Value.1=us-east-1b",
		"Action=DescribeRegions",
		"Action=DescribeAvailabilityZones&ZoneId.1=use1-az1",
		"Action=DescribeInstanceTypes&InstanceType.1=t3.micro",
		"Action=DescribeInstanceAttribute&Attribute=disableApiStop&InstanceId=" + runningID,
		"Action=DescribeInstanceAttribute&Attribute=userData&InstanceId=" + runningID,
		"Action=ModifyInstanceAttribute&DisableApiStop.Value=true&InstanceId=" + runningID,
		"Action=GetCallerIdentity",
		"Action=AssumeRole",
	}
	var all strings.Builder
	for _, query := range queries {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		values.Set("Version", apiVersion)
		if strings.Contains(query, "GetCallerIdentity") || strings.Contains(query, "AssumeRole") {
			values.Set("Version", stsVersion)
		}
		status, body := newRig(t, "").post(signed, values)
		fmt.Fprintf(&all, "--- %s\n%d\n%s\n\n", query, status, indent(body))
	}
	golden(t, "wire.txt", []byte(all.String()))
}

var empty = regexp.MustCompile(`<(\w+)></\w+>`)

// indent puts each element on a line of its own, indented by its depth.
func indent(xml string) string {
	xml = empty.ReplaceAllString(xml, "<$1/>")
	var b strings.Builder
	depth := 0
	for line := range strings.Lines(strings.ReplaceAll(xml, "><", ">\n<")) {
		ends := strings.Contains(line, "</") || strings.Contains(line, "/>")
		if strings.HasPrefix(line, "</") {
			depth--
		}
		b.WriteString(strings.Repeat("  ", depth) + line)
		if !strings.HasPrefix(line, "<?") && !ends {
			depth++
		}
	}
	return b.String()
}

// A complete story in the exchanges: an instance is created, noted and terminated.
func TestStory(t *testing.T) {
	r := newRig(t, strings.Replace(string(DefaultWorld()), "{", `{"faults":[
		{"system":"ec2","action":"RunInstances","lose_reply":1},
		{"system":"ism","action":"POST Worklog","lock":1}],`, 1))
	r.launch("run-1/create", "t3.micro") // the reply is lost
	r.launch("run-1/create", "t3.micro")
	id := r.State().Instances[2].ID
	for range 3 {
		r.pass(10 * time.Second)
		if _, err := r.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{id}}); err != nil {
			t.Fatal(err)
		}
	}
	r.call("POST", "/ConfigurationItem", `{"ConfigurationItemIdentifier":"`+id+`","Name":"web"}`)
	r.call("POST", "/Ticket/100-291/ConfigurationItem", `{"ConfigurationItemIdentifier":"`+id+`"}`)
	for range 2 {
		r.call("POST", "/Worklog", `{"Text":"EC2 instance `+id+` is ready","TicketIdentifier":"100-291","WorklogType":"Update"}`)
	}
	r.call("PUT", "/Ticket", `{"NonTranslatedTicketStatus":"Closed","TicketStatus":"Closed","TicketTypeId":"4","TicketIdentifier":"100-291"}`)
	if _, err := r.ec2.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{id}, DryRun: aws.Bool(true)}); codeOf(err) != "412 DryRunOperation" {
		t.Error(err)
	}
	if err := terminating(id)(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range r.seen {
		fmt.Fprintf(&all, "%s  %s\n     %s\n", e.System, e.Request, e.Answer)
	}
	golden(t, "story.txt", []byte(all.String()))
}
