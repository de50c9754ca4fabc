package ec2

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

const plain = `{"ami_id":"` + image + `","instance_type":"t3.micro","instance_name":"web"}`

func created(box *sandbox.Sandbox) []sandbox.Instance {
	return slices.DeleteFunc(box.State().Instances, func(i sandbox.Instance) bool { return i.ClientToken == "" })
}

func TestCreate(t *testing.T) {
	d, box, seen := inSandbox(t, "")
	out := tasktest.Outputs(t, d.Run("ec2.create_instance", plain))
	made := created(box)
	if len(made) != 1 {
		t.Fatalf("%d instances were made", len(made))
	}
	i := made[0]
	if out["instance_id"] != i.ID || out["reservation_id"] != i.Reservation || out["client_token"] != d.Call.Key() || i.ClientToken != d.Call.Key() {
		t.Errorf("got %v of %+v", out, i)
	}
	if out["instance_state"] != "pending" || out["instance_state_code"] != 0.0 || out["owner_id"] == "" {
		t.Errorf("got %v", out)
	}
	if out["public_dns_name"] != nil || out["public_ip_address"] != nil {
		t.Errorf("a pending instance has the address %v, %v", out["public_dns_name"], out["public_ip_address"])
	}
	if out["private_ip_address"] != "10.0.0.6" || out["availability_zone"] != "us-east-1a" || out["key_pair_name"] != nil || out["state_reason"] != nil {
		t.Errorf("got %v", out)
	}
	if out["result_message"] != "instance "+i.ID+" was created and is pending" {
		t.Errorf("result_message %q", out["result_message"])
	}
	want := map[string]string{"Name": "web", "errand:run": "run1", "errand:step": "start"}
	if fmt.Sprint(i.Tags) != fmt.Sprint(want) || i.Monitoring || i.KeyPair != "" {
		t.Errorf("made %+v", i)
	}
	if n := counts(*seen); n["RunInstances"] != 1 || n["DescribeInstances"] != 1 {
		t.Errorf("requests %v", n)
	}
}

func TestCreateRequest(t *testing.T) {
	cases := []struct {
		name, input string
		credential  tasktest.Store
		want        url.Values // parameters of the request; an empty list means absent
	}{
		{"the type unless said otherwise", `{"ami_id":"ami-1","instance_name":"web"}`, nil,
			url.Values{"InstanceType": {"t1.micro"}, "ImageId": {"ami-1"}, "MinCount": {"1"}, "MaxCount": {"1"}, "Monitoring.Enabled": nil, "KeyName": nil, "KernelId": nil, "SecurityGroupId.1": nil}},
		{"basic monitoring is detailed monitoring off", `{"ami_id":"ami-1","instance_name":"web","enable_basic_monitoring":true}`, nil, url.Values{"Monitoring.Enabled": {"false"}}},
		{"no basic monitoring asks for nothing, which costs nothing", `{"ami_id":"ami-1","instance_name":"web","enable_basic_monitoring":false}`, nil, url.Values{"Monitoring.Enabled": nil}},
		{"detailed monitoring", `{"ami_id":"ami-1","instance_name":"web","detailed_monitoring":true}`, nil, url.Values{"Monitoring.Enabled": {"true"}}},
		{"detailed monitoring in place of basic", `{"ami_id":"ami-1","instance_name":"web","enable_basic_monitoring":false,"detailed_monitoring":true}`, nil, url.Values{"Monitoring.Enabled": {"true"}}},
		{"no detailed monitoring asks for nothing", `{"ami_id":"ami-1","instance_name":"web","detailed_monitoring":false}`, nil, url.Values{"Monitoring.Enabled": nil}},
		{"a subnet", `{"ami_id":"ami-1","instance_name":"web","subnet_id":"subnet-1"}`, nil, url.Values{"SubnetId": {"subnet-1"}}},
		{"a launch template, whose image and type count", `{"instance_name":"web","launch_template":"lt-1"}`, nil,
			url.Values{"LaunchTemplate.LaunchTemplateId": {"lt-1"}, "LaunchTemplate.LaunchTemplateName": nil, "LaunchTemplate.Version": nil, "ImageId": nil, "InstanceType": nil}},
		{"a launch template and an image", `{"instance_name":"web","launch_template":"web:$Latest","ami_id":"ami-1","instance_type":"t3.nano"}`, nil,
			url.Values{"LaunchTemplate.LaunchTemplateId": nil, "LaunchTemplate.LaunchTemplateName": {"web"}, "LaunchTemplate.Version": {"$Latest"}, "ImageId": {"ami-1"}, "InstanceType": {"t3.nano"}}},
		{"an instance profile's name", `{"ami_id":"ami-1","instance_name":"web","instance_profile":"web"}`, nil, url.Values{"IamInstanceProfile.Name": {"web"}, "IamInstanceProfile.Arn": nil}},
		{"an instance profile's ARN", `{"ami_id":"ami-1","instance_name":"web","instance_profile":"arn:aws:iam::1:instance-profile/web"}`, nil,
			url.Values{"IamInstanceProfile.Name": nil, "IamInstanceProfile.Arn": {"arn:aws:iam::1:instance-profile/web"}}},
		{"user data is encoded", `{"ami_id":"ami-1","instance_name":"web","user_data":"#!/bin/sh\necho ü"}`, nil, url.Values{"UserData": {"IyEvYmluL3NoCmVjaG8gw7w="}}},
		{"nothing that is empty", `{"ami_id":"ami-1","instance_name":"web","subnet_id":"","launch_template":"","instance_profile":"","user_data":"","tags":{}}`, nil,
			url.Values{"SubnetId": nil, "IamInstanceProfile.Name": nil, "UserData": nil, "TagSpecification.1.Tag.4.Key": nil}},
		{"tags of a map come last, in order", `{"ami_id":"ami-1","instance_name":"web","instance_tag_2":"z=1","tags":{"b":"2","a":"1 ","z":"1","Name":"web"}}`, nil,
			url.Values{"TagSpecification.1.Tag.4.Key": {"z"}, "TagSpecification.1.Tag.5.Key": {"a"}, "TagSpecification.1.Tag.5.Value": {"1 "}, "TagSpecification.1.Tag.6.Key": {"b"}, "TagSpecification.1.Tag.7.Key": nil}},
		{"kernel and RAM disk", `{"ami_id":"ami-1","instance_name":"web","kernel_id":"aki-1","ram_disk_id":"ari-1"}`, nil, url.Values{"KernelId": {"aki-1"}, "RamdiskId": {"ari-1"}}},
		{"the designer's token", `{"ami_id":"ami-1","instance_name":"web","client_token":"MyToken"}`, nil, url.Values{"ClientToken": {"MyToken"}}},
		{"tags, split at the first =", `{"ami_id":"ami-1","instance_name":"web","instance_tag_1":"a=b=c","instance_tag_5":" team = ops "}`, nil,
			url.Values{"TagSpecification.1.Tag.4.Key": {"a"}, "TagSpecification.1.Tag.4.Value": {"b=c"}, "TagSpecification.1.Tag.5.Key": {"team"}, "TagSpecification.1.Tag.5.Value": {"ops"}, "TagSpecification.1.ResourceType": {"instance"}}},
		{"a tag may be empty", `{"ami_id":"ami-1","instance_name":"web","instance_tag_1":"a="}`, nil, url.Values{"TagSpecification.1.Tag.4.Key": {"a"}, "TagSpecification.1.Tag.4.Value": {""}}},
		{"the credential's key pair and groups", `{"ami_id":"ami-1","instance_name":"web"}`, tasktest.Store{keyPairName: "desk", securityGroupIDs: "sg-1, sg-2,"},
			url.Values{"KeyName": {"desk"}, "SecurityGroupId.1": {"sg-1"}, "SecurityGroupId.2": {"sg-2"}, "SecurityGroupId.3": nil}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := &tasktest.Script{Answers: []tasktest.Answer{{Status: 400, Body: xmlError("InvalidAMIID.NotFound", "no")}}}
			with := credential("http://ec2.test.invalid")
			maps.Copy(with, c.credential)
			d := newDriver(t, task.Environment{Credentials: with, Transport: s})
			d.Run("ec2.create_instance", c.input)
			if len(s.Bodies) != 1 {
				t.Fatalf("%d requests", len(s.Bodies))
			}
			sent, err := url.ParseQuery(s.Bodies[0])
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range c.want {
				if !slices.Equal(sent[name], want) {
					t.Errorf("%s is %q, want %q", name, sent[name], want)
				}
			}
		})
	}
}

func TestCreateRefuses(t *testing.T) {
	cases := []struct{ name, member, want string }{
		{"a tag without =", `"instance_tag_2":"abc"`, `instance_tag_2 is "abc"; expected name=value`},
		{"a tag without a name", `"instance_tag_1":"=b"`, `instance_tag_1 is "=b"; expected name=value`},
		{"a tag that is there already", `"instance_tag_1":"a=1","instance_tag_2":"a=2"`, `instance_tag_2 sets the tag "a" a second time`},
		{"a tag that is the name", `"instance_tag_1":"Name=x"`, `instance_tag_1 sets the tag "Name" a second time`},
		{"a tag that is the name, in a map", `"tags":{"Name":"x"}`, `tags sets the tag "Name" to "x", and another parameter to "web"`},
		{"a tag twice", `"tags":{"a":"1"},"instance_tag_3":"a=2"`, `tags sets the tag "a" to "1", and another parameter to "2"`},
		{"a tag of a map without a name", `"tags":{"":"1"}`, `tags has a tag without a name`},
		{"a tag of AWS", `"tags":{"AWS:cloudformation:stack-name":"x"}`, `tags sets the tag "AWS:cloudformation:stack-name"; tags that begin with aws: are reserved`},
		{"a tag of Errand", `"tags":{"errand:run":"x"}`, `tags sets the tag "errand:run"; tags that begin with errand: are reserved`},
		{"a tag of Errand as text", `"instance_tag_1":"errand:step=x"`, `instance_tag_1 sets the tag "errand:step"; tags that begin with errand: are reserved`},
		{"51 tags", `"tags":{` + manyTags(48) + `}`, `tags makes 51 tags, with Name, errand:run and errand:step; expected at most 50`},
		{"51 tags of both kinds", `"instance_tag_1":"a=1","instance_tag_2":"b=1","tags":{` + manyTags(46) + `}`, `tags makes 51 tags`},
		{"two kinds of monitoring", `"detailed_monitoring":true,"enable_basic_monitoring":true`, `detailed_monitoring is true, and so is enable_basic_monitoring; expected one of them`},
		{"no image", `"ami_id":""`, `there is no image to launch; give ami_id or launch_template`},
		{"a launch template without a name", `"launch_template":":3"`, `launch_template is ":3"; expected an identifier or a name`},
		{"a launch template without a version", `"launch_template":"web:"`, `launch_template is "web:"; expected`},
		{"a launch template of a strange version", `"launch_template":"web:latest"`, `launch_template is "web:latest"; expected`},
		{"long user data", `"user_data":"` + strings.Repeat("x", 16<<10+1) + `"`, `user_data has 16385 bytes; expected at most 16384`},
		{"a long token", `"client_token":"` + strings.Repeat("x", 65) + `"`, `expected at most 64 ASCII characters`},
		{"a token that is not ASCII", `"client_token":"é"`, `expected at most 64 ASCII characters`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, s := scripted(t, tasktest.Answer{Status: 500})
			reply := d.Run("ec2.create_instance", `{"ami_id":"ami-1","instance_name":"web",`+c.member+`}`)
			if f := reply.Failure; f == nil || f.Code != task.CodeInput || !strings.Contains(f.Message, c.want) {
				t.Errorf("got %+v, want %q", f, c.want)
			}
			if len(s.Bodies) != 0 {
				t.Errorf("%d requests were sent", len(s.Bodies))
			}
		})
	}
}

// manyTags returns members of an object of tags.
func manyTags(n int) string {
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf(`"t%d":"x"`, i))
	}
	return strings.Join(members, ",")
}

func TestMostTags(t *testing.T) {
	d, box, _ := inSandbox(t, "")
	tasktest.Outputs(t, d.Run("ec2.create_instance", strings.Replace(plain, "{", `{"tags":{`+manyTags(47)+`},`, 1)))
	if made := created(box); len(made) != 1 || len(made[0].Tags) != maxTags {
		t.Errorf("made %+v", made)
	}
}

func TestCreateMakesOneInstanceWhateverGoesWrong(t *testing.T) {
	cases := []struct {
		name, faults string
		launches     int
	}{
		{"the reply is lost", `{"system":"ec2","action":"RunInstances","lose_reply":1}`, 2},
		{"two replies are lost", `{"system":"ec2","action":"RunInstances","lose_reply":2}`, 3},
		{"an answer without a reason", `{"system":"ec2","action":"RunInstances","unavailable":1}`, 2},
		{"a throttle", `{"system":"ec2","action":"RunInstances","throttle":2}`, 3},
		{"an internal error", `{"system":"ec2","action":"RunInstances","error":"InternalError"}`, 2},
		{"a refused connection", `{"system":"ec2","action":"RunInstances","refuse":1}`, 2},
		{"the look after it is throttled", `{"system":"ec2","action":"DescribeInstances","throttle":3}`, 1},
		{"the look after it is not allowed", `{"system":"ec2","action":"DescribeInstances","error":"UnauthorizedOperation","times":9}`, 1},
		{"the look after it never works", `{"system":"ec2","action":"DescribeInstances","unavailable":999}`, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, box, seen := inSandbox(t, withFaults(c.faults))
			out := tasktest.Outputs(t, d.Run("ec2.create_instance", plain))
			if made := created(box); len(made) != 1 || made[0].ID != out["instance_id"] {
				t.Errorf("made %+v, answered %v", made, out)
			}
			if n := counts(*seen)["RunInstances"]; n != c.launches {
				t.Errorf("%d launches were sent, want %d", n, c.launches)
			}
			sent := tasktest.WithPrefix(*seen, "RunInstances")
			if len(slices.Compact(sent)) != 1 {
				t.Errorf("the launches differ: %q", sent)
			}
		})
	}
}

func TestCreateWaitsUntilTheInstanceIsVisible(t *testing.T) {
	world := strings.Replace(string(sandbox.DefaultWorld()), `"visible_after": "0s"`, `"visible_after": "5s"`, 1)
	d, box, seen := inSandbox(t, world)
	tasktest.Outputs(t, d.Run("ec2.create_instance", plain))
	d.CompareReplies("again 0s", "again 2s", "again 4s", "output")
	if n := counts(*seen)["RunInstances"]; n != 1 || len(created(box)) != 1 {
		t.Errorf("%d launches", n)
	}
}

func TestAnOldLaunchIsLookedUpByItsToken(t *testing.T) {
	d, box, seen := inSandbox(t, withFaults(`{"system":"ec2","action":"RunInstances","lose_reply":1}`))
	d.Attempts = 1
	if reply := d.Run("ec2.create_instance", plain); reply.Failure == nil || !reply.Failure.Unknown {
		t.Fatalf("got %+v", reply)
	}
	d.SetClock(26 * time.Hour)
	d.Call.Recover = true
	out := tasktest.Outputs(t, d.Run("ec2.create_instance", plain))
	if n := counts(*seen)["RunInstances"]; n != 1 || len(created(box)) != 1 {
		t.Errorf("%d launches were sent", n)
	}
	if out["client_token"] != d.Call.Key() || out["instance_state"] != "running" || out["public_dns_name"] == nil {
		t.Errorf("got %v", out)
	}
}

// An endpoint that ignores the filter answers with other instances.
func TestAnInstanceOfAnotherTokenIsNoEvidence(t *testing.T) {
	item := func(token string) string {
		return "<instancesSet><item><instanceId>i-1</instanceId><clientToken>" + token + "</clientToken><instanceState><name>running</name></instanceState></item></instancesSet>"
	}
	others := tasktest.Answer{Status: 200, Body: "<DescribeInstancesResponse><reservationSet><item>" + item("other") + "</item></reservationSet></DescribeInstancesResponse>"}
	for token, unknown := range map[string]bool{"mine": false, "other": true} {
		made := tasktest.Answer{Status: 200, Body: "<RunInstancesResponse>" + item(token) + "</RunInstancesResponse>"}
		d, s := scripted(t, others, made)
		d.SetClock(26 * time.Hour)
		d.Call.Recover, d.Attempts = true, 1
		reply := d.Run("ec2.create_instance", `{"ami_id":"ami-1","instance_name":"web","client_token":"mine"}`)
		if len(s.Bodies) < 2 || !strings.Contains(s.Bodies[1], "RunInstances") {
			t.Errorf("sent %q", s.Bodies)
		}
		if f := reply.Failure; unknown && (f == nil || !f.Unknown) || !unknown && f != nil {
			t.Errorf("%s: got %+v", token, reply)
		}
	}
}

func TestAnOldLaunchThatIsNotFoundIsSentAgain(t *testing.T) {
	d, box, seen := inSandbox(t, "")
	d.SetClock(26 * time.Hour)
	d.Call.Recover = true
	tasktest.Outputs(t, d.Run("ec2.create_instance", plain))
	if n := counts(*seen); n["RunInstances"] != 1 || n["DescribeInstances"] != 2 || len(created(box)) != 1 {
		t.Errorf("requests %v", n)
	}
}

// If EC2 examined a repeated launch before it refused it, the first launch had no effect. Otherwise
// the outcome of the first launch stays unknown.
func TestRefusalOfARepeatedLaunch(t *testing.T) {
	cases := []struct {
		code    string
		status  int
		unknown bool
	}{
		{"InvalidAMIID.NotFound", 400, false},
		{"IdempotentParameterMismatch", 400, true},
		{"IdempotentInstanceTerminated", 400, false},
		{"RequestLimitExceeded", 503, true},
		{"UnauthorizedOperation", 403, true},
		{"AuthFailure", 401, true},
		{"RequestExpired", 400, true},
	}
	for _, c := range cases {
		t.Run(c.code, func(t *testing.T) {
			d, _ := scripted(t, tasktest.Answer{Status: c.status, Body: xmlError(c.code, "no")})
			d.Attempts, d.Call.Recover = 1, true
			reply := d.Run("ec2.create_instance", plain)
			if reply.Failure == nil || reply.Failure.Code != c.code || reply.Failure.Unknown != c.unknown {
				t.Errorf("got %+v, want unknown %v", reply.Failure, c.unknown)
			}
		})
	}
}

// An older program sent a launch with other parameters, and its answer was lost: it asked for
// detailed monitoring if enable_basic_monitoring was false. EC2 refuses the repeat, and the instance
// of the first request is the step's.
func TestALaunchOfAnOlderProgram(t *testing.T) {
	older, newer := strings.Replace(plain, "{", `{"detailed_monitoring":true,`, 1), strings.Replace(plain, "{", `{"enable_basic_monitoring":false,`, 1)
	start := func(t *testing.T, faults string) (*tasktest.Driver, *sandbox.Sandbox) {
		d, box, _ := inSandbox(t, withFaults(faults))
		d.Attempts = 1
		if reply := d.Run("ec2.create_instance", older); reply.Failure == nil || !reply.Failure.Unknown {
			t.Fatalf("got %+v", reply)
		}
		d.Call.Recover, d.Attempts = true, 5
		return d, box
	}
	t.Run("it took effect", func(t *testing.T) {
		d, box := start(t, `{"system":"ec2","action":"RunInstances","lose_reply":1}`)
		out := tasktest.Outputs(t, d.Run("ec2.create_instance", newer))
		if made := created(box); len(made) != 1 || made[0].ID != out["instance_id"] || !made[0].Monitoring {
			t.Errorf("made %+v, answered %v", made, out)
		}
	})
	t.Run("it had no effect", func(t *testing.T) {
		d, box := start(t, `{"system":"ec2","action":"RunInstances","unavailable":1}`)
		out := tasktest.Outputs(t, d.Run("ec2.create_instance", newer))
		if made := created(box); len(made) != 1 || made[0].ID != out["instance_id"] || made[0].Monitoring {
			t.Errorf("made %+v, answered %v", made, out)
		}
	})
	t.Run("it took effect, and is not visible yet", func(t *testing.T) {
		d, box, _ := inSandbox(t, `{"images":["`+image+`"],"timing":{"visible_after":"4s"},"faults":[{"system":"ec2","action":"RunInstances","lose_reply":1}]}`)
		d.Attempts = 1
		d.Run("ec2.create_instance", older)
		d.Call.Recover, d.Attempts = true, 5
		out := tasktest.Outputs(t, d.Run("ec2.create_instance", newer))
		if made := created(box); len(made) != 1 || made[0].ID != out["instance_id"] {
			t.Errorf("made %+v, answered %v", made, out)
		}
	})
	t.Run("the workflow's token made the instance of another run", func(t *testing.T) {
		d, box := start(t, `{"system":"ec2","action":"RunInstances","unavailable":1}`)
		other := strings.Replace(plain, "{", `{"client_token":"lamp",`, 1)
		d.Call.Run, d.Call.Recover = "run2", false
		tasktest.Outputs(t, d.Run("ec2.create_instance", other))
		d.Call.Run, d.Call.Recover, d.Call.Note, d.Call.Settled = "run1", true, "", false
		if f := d.Run("ec2.create_instance", other).Failure; f == nil || f.Code != otherParameters || f.Unknown {
			t.Errorf("got %+v", f)
		}
		if made := created(box); len(made) != 1 {
			t.Errorf("made %+v", made)
		}
	})
}

func TestCreateAnswerWithoutAnInstance(t *testing.T) {
	for name, body := range map[string]string{
		"no instance": `<RunInstancesResponse><instancesSet></instancesSet></RunInstancesResponse>`, "an empty body": "", "a web page": "<html><body>hello</body></html>",
	} {
		t.Run(name, func(t *testing.T) {
			d, s := scripted(t, tasktest.Answer{Status: 200, Body: body})
			d.Attempts = 1
			reply := d.Run("ec2.create_instance", plain)
			if f := reply.Failure; f == nil || f.Code != task.CodeNoReply || !f.Unknown || !f.Transient {
				t.Errorf("got %+v", f)
			}
			if len(s.Bodies) != 1 {
				t.Errorf("%d requests", len(s.Bodies))
			}
		})
	}
}

// The instance exists as soon as EC2 answers, so the step succeeds even if the credential is gone
// afterwards.
func TestCreateSucceedsIfTheCredentialIsGone(t *testing.T) {
	made, err := json.Marshal(launchNote{Made: createOutput{InstanceID: "i-1", State: "pending", ClientToken: "t"}})
	if err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, task.Environment{Credentials: tasktest.ClosedStore{}})
	d.Call.Note = string(made)
	if out := tasktest.Outputs(t, d.Run("ec2.create_instance", plain)); out["instance_id"] != "i-1" || out["client_token"] != "t" {
		t.Errorf("got %v", out)
	}
}

// A token that the workflow sets stays the same when the step is done again after its undo. The
// failure says what to do.
func TestATokenOfTheWorkflowIsUsedUp(t *testing.T) {
	for input, says := range map[string]bool{plain: false, strings.Replace(plain, "{", `{"client_token":"lamp",`, 1): true} {
		d, _ := scripted(t, tasktest.Answer{Status: 400, Body: xmlError("IdempotentInstanceTerminated", "Gone.")})
		d.Attempts = 1
		f := d.Run("ec2.create_instance", input).Failure
		if f == nil || strings.Contains(f.Message, "the workflow") || strings.Contains(f.ForOperators(), `the workflow sets client_token to "lamp": correct the workflow`) != says {
			t.Errorf("%s: %v", input, f)
		}
	}
}
