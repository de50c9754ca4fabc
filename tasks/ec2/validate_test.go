package ec2

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

// Validate against the sandbox with faults.
func TestValidate(t *testing.T) {
	const group = "sg-0a1b2c3d4e5f60000"
	keys := []string{"access_key_id+ is accepted", "secret_access_key+ is accepted", "region_endpoint+ is reachable"}
	fault := func(code, action string) string {
		return `{"system":"ec2","action":"` + action + `","error":"` + code + `","times":9}`
	}
	cases := []struct {
		name   string
		faults string
		more   tasktest.Store
		want   []string
	}{
		{"good", "", nil, keys},
		{"good, with what instances are created with", "", tasktest.Store{keyPairName: "service-desk", securityGroupIDs: group}, append(slices.Clone(keys), "key_pair_name+ exists", "security_group_ids+ exists")},
		{"a key pair and a group that are not there", "", tasktest.Store{keyPairName: "nobody", securityGroupIDs: group + ",sg-00000000"},
			append(slices.Clone(keys), "key_pair_name- does not exist: The key pair 'nobody' does not exist", "security_group_ids- does not exist: The security group 'sg-00000000' does not exist")},
		{"a group that does not exist", "", tasktest.Store{securityGroupIDs: "web"}, append(slices.Clone(keys), `security_group_ids- does not exist: Invalid id: "web"`)},
		{"a permission is lacking", fault("UnauthorizedOperation", "DescribeInstances"), nil, append(slices.Clone(keys), "- the keys are accepted, but the permission ec2:DescribeInstances is missing")},
		{"the permission to look is lacking", fault("UnauthorizedOperation", "DescribeKeyPairs"), tasktest.Store{keyPairName: "x"},
			append(slices.Clone(keys), "key_pair_name+ was not checked: the permission ec2:DescribeKeyPairs is missing")},
		{"looking is throttled", fault("RequestLimitExceeded", "DescribeKeyPairs"), tasktest.Store{keyPairName: "x"}, append(slices.Clone(keys), "key_pair_name- could not be checked: ")},
		{"wrong keys", fault("AuthFailure", "DescribeInstances"), tasktest.Store{keyPairName: "x"}, []string{"access_key_id- is refused: ", "secret_access_key- is refused: ", "region_endpoint+ is reachable"}},
		{"a wrong secret", `{"system":"ec2","action":"*","error":"SignatureDoesNotMatch","status":403,"times":9}`, nil, []string{"secret_access_key- does not belong to access_key_id", "region_endpoint+ is reachable"}},
		{"not reached", `{"system":"ec2","action":"*","refuse":9}`, nil, []string{"region_endpoint- is not reachable: Amazon EC2 could not be reached: "}},
		{"no answer", `{"system":"ec2","action":"*","lose_reply":9}`, nil, []string{"region_endpoint- is not reachable: Amazon EC2 gave no answer: "}},
		{"no time", fault("RequestLimitExceeded", "*"), nil, []string{"- "}},
		{"an account that is not ready", fault("OptInRequired", "*"), nil, []string{"- "}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			box, err := sandbox.New([]byte(withFaults(c.faults)), func() time.Time { return tasktest.Start })
			if err != nil {
				t.Fatal(err)
			}
			with := credential(sandbox.EC2URL)
			maps.Copy(with, c.more)
			before := box.State()
			newDriver(t, task.Environment{Credentials: with, Transport: box.Transport()}).CompareChecks("", c.want...)
			if after := box.State(); fmt.Sprintf("%+v", after) != fmt.Sprintf("%+v", before) {
				t.Errorf("it changed something:\n%+v\n%+v", before, after)
			}
		})
	}
}

// Validate finds out some things without a request, and some only from STS or the configuration
// files.
func TestValidateWithoutEC2(t *testing.T) {
	for _, c := range []struct {
		name   string
		stored tasktest.Store
		refuse string // the error code of STS
		use    string
		want   []string
	}{
		{"nothing", nil, "", "", []string{"- no credential of ec2 is stored, and the environment has none; store one"}},
		{"a name that is not stored", tasktest.Store{profile: "desk"}, "", "prod", []string{`- no credential of ec2 is stored under the name "prod"`}},
		{"what does not fit", tasktest.Store{accessKeyID: testKey, externalID: "xx"}, "", "", []string{"secret_access_key- is missing; access_key_id needs it", "external_id- is only used with role_arn, which is missing"}},
		{"a profile that is not there", tasktest.Store{profile: "nobody"}, "", "", []string{"- the AWS configuration cannot be read: failed to get shared config profile, nobody"}},
		{"a profile", tasktest.Store{profile: "desk"}, "", "", []string{"profile+ is accepted", "region_endpoint+ is reachable"}},
		{"a role", tasktest.Store{profile: "desk", roleARN: role, externalID: "x2"}, "", "", []string{"profile+ is accepted", "role_arn+ is accepted", "external_id+ is accepted", "region_endpoint+ is reachable"}},
		{"a role that is refused", tasktest.Store{profile: "desk", roleARN: role}, "AccessDenied", "", []string{"role_arn- cannot be assumed: AccessDenied: no"}},
		{"keys that STS does not know", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, roleARN: role}, "InvalidClientTokenId", "", []string{"access_key_id- is unknown to AWS"}},
		{"a secret that STS does not take", tasktest.Store{accessKeyID: testKey, secretAccessKey: testSecret, roleARN: role}, "SignatureDoesNotMatch", "", []string{"secret_access_key- does not belong to access_key_id"}},
		{"a profile whose role is refused", tasktest.Store{profile: "far"}, "AccessDenied", "", []string{"profile- has no credentials: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t)
			box, err := sandbox.New([]byte(`{}`), func() time.Time { return tasktest.Start })
			if err != nil {
				t.Fatal(err)
			}
			cloud.ec2.Config.Handler = box.EC2()
			if c.refuse != "" {
				cloud.refuse = refusal(403, c.refuse, "no")
			}
			cloud.driver(t, c.stored).CompareChecks(c.use, c.want...)
		})
	}
}

// Validate against a host that is not EC2.
func TestValidateAtAnotherServer(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer tasktest.Answer
	}{
		{"a page", tasktest.Answer{Status: 200, Body: "<html>"}},
		{"a page that is not there", tasktest.Answer{Status: 404, Body: "<html>"}},
		{"a redirect", tasktest.Answer{Status: 302}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _ := scripted(t, c.answer)
			d.CompareChecks("", "region_endpoint- does not answer like EC2: ")
		})
	}
	at(t, tasktest.Unreachable(), nil).CompareChecks("", "region_endpoint- is not reachable: ")
}
