package cmd_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The tests in this file drive `errand sandbox` with clients of AWS that know nothing of Errand: the
// AWS CLI, and boto3 with its waiters. They are skipped if a client is not installed.

// brief is a world whose instances change their state within a second. A client that looks every
// second finds the state at its first or second look.
const brief = `timing: {pending: 300ms, status_checks: 300ms, stopping: 300ms, shutting_down: 300ms}`

// instant is a world whose instances have changed their state with the next request. A client that
// looks every 15 seconds finds the state at its first look.
const instant = `timing: {pending: 0s, status_checks: 0s, stopping: 0s, shutting_down: 0s}
instances:
  - {id: i-0a1b2c3d4e5f60001, state: stopped, name: build-agent}
  - {id: i-0a1b2c3d4e5f60002, state: running, name: test-server}
  - {id: i-0a1b2c3d4e5f60003, state: running, stop_hangs: true}
  - {id: i-0a1b2c3d4e5f60004, state: running, termination_protection: true}
`

// A client is a program that is not part of Errand.
type client struct {
	path        string
	environment []string
}

// newClient returns the first program that works when it gets these arguments. It prefers the one of
// the system to one of the user. Without one it skips the test; install says how to get one.
func newClient(t *testing.T, name, install string, args ...string) *client {
	t.Helper()
	c := &client{environment: []string{
		"PATH=/usr/bin:/bin:" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LANG=C.UTF-8", "NO_PROXY=127.0.0.1", "AWS_PAGER=",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
	}}
	paths := []string{"/usr/bin/" + name}
	if path, err := exec.LookPath(name); err == nil && path != paths[0] {
		paths = append(paths, path)
	}
	why := "no such program"
	for _, c.path = range paths {
		if _, err := os.Stat(c.path); err != nil {
			continue
		}
		_, said, err := c.run(t, args...)
		if err == nil {
			return c
		}
		why = err.Error() + ": " + said
	}
	t.Skipf("no client has driven the sandbox: %s does not run here (%s); %s installs it", name, strings.TrimSpace(why), install)
	return nil
}

// run runs the client, and returns what it printed.
func (c *client) run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	process := exec.CommandContext(t.Context(), c.path, args...)
	process.Env = c.environment
	var out, said bytes.Buffer
	process.Stdout, process.Stderr = &out, &said
	err = process.Run()
	return out.String(), said.String(), err
}

// A cliStep is a command line of the AWS CLI, and what it must print.
type cliStep struct{ line, want string }

// refusedWith begins the output of a step that EC2 or the sandbox refuses.
const refusedWith = "refused: "

var cliSteps = []struct {
	name  string
	steps []cliStep
}{
	{"launch", []cliStep{
		{"ec2 run-instances --image-id ami-0a1b2c3d4e5f60000 --instance-type t3.micro --count 1 --key-name service-desk --tag-specifications ResourceType=instance,Tags=[{Key=Name,Value=web}] --query Instances[].[InstanceId,State.Name,KeyName]", "i-0fa11bac0ffee0009\tpending\tservice-desk"},
		{"ec2 wait instance-running --instance-ids i-0fa11bac0ffee0009", ""},
		{"ec2 wait instance-status-ok --instance-ids i-0fa11bac0ffee0009", ""},
		{"ec2 create-tags --resources i-0fa11bac0ffee0009 --tags Key=team,Value=web", ""},
		{"ec2 describe-instances --filters Name=tag:team,Values=web Name=instance-state-name,Values=running --query Reservations[].Instances[].[InstanceId,State.Name]", "i-0fa11bac0ffee0009\trunning"},
		{"ec2 describe-tags --filters Name=resource-id,Values=i-0fa11bac0ffee0009 --query Tags[].[ResourceType,Key,Value]", "instance\tName\tweb\ninstance\tteam\tweb"},
		{"ec2 describe-volumes --filters Name=attachment.instance-id,Values=i-0fa11bac0ffee0009 --query Volumes[].[VolumeId,State]", "vol-0fa11bac0ffee0009\tin-use"},
		{"ec2 terminate-instances --instance-ids i-0fa11bac0ffee0009 --query TerminatingInstances[].[PreviousState.Name,CurrentState.Name]", "running\tshutting-down"},
		{"ec2 wait instance-terminated --instance-ids i-0fa11bac0ffee0009", ""},
	}},
	{"start and stop", []cliStep{
		{"ec2 describe-instance-status --include-all-instances --instance-ids i-0a1b2c3d4e5f60001 --query InstanceStatuses[].[InstanceState.Name,InstanceStatus.Status]", "stopped\tnot-applicable"},
		{"ec2 modify-instance-attribute --instance-id i-0a1b2c3d4e5f60001 --instance-type Value=t3.small", ""},
		{"ec2 start-instances --instance-ids i-0a1b2c3d4e5f60001 --query StartingInstances[].CurrentState.Name", "pending"},
		{"ec2 wait instance-running --instance-ids i-0a1b2c3d4e5f60001", ""},
		{"ec2 describe-instance-attribute --instance-id i-0a1b2c3d4e5f60001 --attribute instanceType --query InstanceType.Value", "t3.small"},
		{"ec2 stop-instances --instance-ids i-0a1b2c3d4e5f60001 i-0a1b2c3d4e5f60003 --query StoppingInstances[].CurrentState.Name", "stopping\tstopping"},
		{"ec2 wait instance-stopped --instance-ids i-0a1b2c3d4e5f60001", ""},
		{"ec2 stop-instances --force --instance-ids i-0a1b2c3d4e5f60003 --query StoppingInstances[].PreviousState.Name", "stopping"},
		{"ec2 wait instance-stopped --instance-ids i-0a1b2c3d4e5f60003", ""},
	}},
	{"protection and limits", []cliStep{
		{"ec2 modify-instance-attribute --instance-id i-0a1b2c3d4e5f60002 --disable-api-stop", ""},
		{"ec2 stop-instances --force --instance-ids i-0a1b2c3d4e5f60002", refusedWith + "(OperationNotPermitted)"},
		{"ec2 terminate-instances --instance-ids i-0a1b2c3d4e5f60004", refusedWith + "(OperationNotPermitted)"},
		{"ec2 describe-snapshots", refusedWith + "(SandboxLimit) when calling the DescribeSnapshots operation: The sandbox does not know the action DescribeSnapshots; it knows CreateTags, "},
		{"iam list-users", refusedWith + "(SandboxLimit) when calling the ListUsers operation: The sandbox does not know the service iam; it knows ec2 and sts"},
	}},
	{"the account", []cliStep{
		{"sts get-caller-identity --query [Account,Arn]", "123456789012\tarn:aws:iam::123456789012:user/sandbox"},
		{"ec2 describe-subnets --filters Name=default-for-az,Values=true --query Subnets[].AvailabilityZone", "us-east-1a\tus-east-1b\tus-east-1c"},
		{"ec2 describe-instance-types --instance-types t3.micro --query InstanceTypes[].[VCpuInfo.DefaultVCpus,MemoryInfo.SizeInMiB]", "2\t1024"},
	}},
}

// The AWS CLI drives the sandbox: it launches, waits, tags, changes, describes, and understands what
// is refused.
func TestAWSCommandLineDrivesTheSandbox(t *testing.T) {
	t.Parallel()
	aws := newClient(t, "aws", "apt-get install awscli", "--version")
	aws.environment = append(aws.environment, "AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any")
	for _, test := range cliSteps {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, instant)
			for _, step := range test.steps {
				args := append(strings.Fields(step.line), "--endpoint-url", s.base+"/ec2", "--region", "us-east-1", "--output", "text")
				stdout, stderr, err := aws.run(t, args...)
				refusal, refused := strings.CutPrefix(step.want, refusedWith)
				switch {
				case refused && (err == nil || !strings.Contains(stderr, "An error occurred "+refusal)):
					t.Fatalf("aws %s: got %v and\n%s%s\nwant an error with %q", step.line, err, stdout, stderr, refusal)
				case !refused && (err != nil || strings.TrimSpace(stdout) != step.want):
					t.Fatalf("aws %s: got %v and\n%s%s\nwant\n%s", step.line, err, stdout, stderr, step.want)
				}
			}
		})
	}
}

// What the sandbox prints at its start and on its page works when it is typed.
func TestPrintedCommandsReachTheSandbox(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a shell of Unix")
	}
	s := serve(t, "{}")
	page := s.page(t, "/")
	typed := func(t *testing.T, c *client, line, want string) {
		t.Helper()
		shell := &client{"/bin/sh", c.environment}
		if stdout, stderr, err := shell.run(t, "-c", line); err != nil || !strings.Contains(stdout, want) {
			t.Errorf("%s: %v\n%s%s", line, err, stdout, stderr)
		}
	}
	for where, text := range map[string]string{"the start": s.said.String(), "the page": page} {
		t.Run("aws on "+where, func(t *testing.T) {
			aws := newClient(t, "aws", "apt-get install awscli", "--version")
			line := regexp.MustCompile(`(?m)^ +(AWS_.* aws .*)$`).FindStringSubmatch(text)
			if line == nil {
				t.Fatalf("no command in\n%s", text)
			}
			typed(t, aws, line[1], `"InstanceId": "i-0a1b2c3d4e5f60002"`)
		})
	}
	t.Run("curl on the page", func(t *testing.T) {
		curl := newClient(t, "curl", "apt-get install curl", "--version")
		line := regexp.MustCompile(`(?m)^ +(curl .*\\\n.*)$`).FindStringSubmatch(page)
		if line == nil {
			t.Fatalf("no command in\n%s", page)
		}
		typed(t, curl, line[1], `"TicketIdentifier":"100-291"`)
	})
}

// boto3 drives the sandbox, and its waiters find the states that they wait for.
func TestBoto3WaitsForTheSandbox(t *testing.T) {
	t.Parallel()
	python := newClient(t, "python3", "apt-get install python3-boto3", "-c", "import boto3")
	s := serve(t, brief)
	stdout, stderr, err := python.run(t, "testdata/clients/waiters.py", s.base+"/ec2")
	if err != nil {
		t.Fatalf("%v: %s%s", err, stdout, stderr)
	}
	want := []string{
		"arn:aws:iam::123456789012:user/sandbox",
		"regions: us-east-1",
		"zones: us-east-1a us-east-1b us-east-1c",
		"default VPC: vpc-0fa11bac0ffee0001",
		"launched: pending [{'Key': 'Name', 'Value': 'web'}]",
		"waited: instance_exists", "waited: instance_running", "waited: instance_status_ok", "waited: system_status_ok", "waited: volume_in_use",
		"waited: vpc_available", "waited: subnet_available", "waited: image_available", "waited: key_pair_exists", "waited: security_group_exists",
		"tags: {'Name': 'web-1'}",
		"refused: OperationNotPermitted 400",
		"waited: instance_stopped",
		"type: t3.small",
		"user data: IyEvYmluL3NoCg==",
		"waited: instance_running",
		"refused: DryRunOperation 412",
		"after a dry run: running",
		"refused: SandboxLimit 400", "refused: SandboxLimit 400", "refused: InvalidInstanceID.NotFound 400",
		"waited: instance_terminated",
	}
	if got := strings.Split(strings.TrimSpace(stdout), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", stdout, strings.Join(want, "\n"))
	}
}
