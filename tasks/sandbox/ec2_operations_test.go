package sandbox

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func filtered(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: aws.String(name), Values: values}}
}

func say(err error, format string, args ...any) (string, error) {
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(format, args...), nil
}

// toolOperations are what tools ask for besides instances.
var toolOperations = []operationTest{
	{
		name: "CreateTags",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			_, err := c.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{runningID}, Tags: []types.Tag{tag("team", "web")}})
			return "", err
		},
		seen: "CreateTags ResourceId.1=i-0a1b2c3d4e5f60002 Tag.1.Key=team Tag.1.Value=web => 200 true",
	},
	{
		name: "DeleteTags",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			_, err := c.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{runningID}, Tags: []types.Tag{{Key: aws.String("Name")}}})
			return "", err
		},
		seen: "DeleteTags ResourceId.1=i-0a1b2c3d4e5f60002 Tag.1.Key=Name => 200 true",
	},
	{
		name: "DescribeTags",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			o, err := c.DescribeTags(ctx, &ec2.DescribeTagsInput{Filters: filtered("value", "test-*")})
			if err != nil {
				return "", err
			}
			t := o.Tags[0]
			return say(nil, "%d %s %s %s %s", len(o.Tags), *t.ResourceId, t.ResourceType, *t.Key, *t.Value)
		},
		want: "1 i-0a1b2c3d4e5f60002 instance Name test-server",
		seen: "DescribeTags Filter.1.Name=value Filter.1.Value.1=test-* => 200 1 tags",
	},
	{
		name: "DescribeVolumes",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			o, err := c.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{"vol-0a1b2c3d4e5f60002"}})
			if err != nil {
				return "", err
			}
			v := o.Volumes[0]
			return say(nil, "%s %d %s %s %s %s", *v.VolumeId, *v.Size, v.VolumeType, v.State, *v.Attachments[0].InstanceId, *v.Attachments[0].Device)
		},
		want: "vol-0a1b2c3d4e5f60002 8 gp3 in-use i-0a1b2c3d4e5f60002 /dev/xvda",
		seen: "DescribeVolumes VolumeId.1=vol-0a1b2c3d4e5f60002 => 200 vol-0a1b2c3d4e5f60002",
	},
	{
		name: "DescribeVpcs",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			o, err := c.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: filtered("is-default", "true")})
			if err != nil {
				return "", err
			}
			return say(nil, "%s %s %t", *o.Vpcs[0].VpcId, *o.Vpcs[0].CidrBlock, *o.Vpcs[0].IsDefault)
		},
		want: "vpc-0fa11bac0ffee0001 10.0.0.0/16 true",
		seen: "DescribeVpcs Filter.1.Name=is-default Filter.1.Value.1=true => 200 vpc-0fa11bac0ffee0001",
	},
	{
		name: "DescribeSubnets",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			o, err := c.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: filtered("vpc-id", "vpc-0fa11bac0ffee0001")})
			if err != nil {
				return "", err
			}
			var all []string
			for _, s := range o.Subnets {
				all = append(all, fmt.Sprint(*s.SubnetId, " ", *s.AvailabilityZone, " ", *s.CidrBlock, " ", *s.DefaultForAz))
			}
			return strings.Join(all, ", "), nil
		},
		want: "subnet-0fa11bac0ffee0001 us-east-1a 10.0.0.0/18 true, subnet-0fa11bac0ffee0002 us-east-1b 10.0.64.0/18 true, subnet-0fa11bac0ffee0003 us-east-1c 10.0.128.0/18 true",
		seen: "DescribeSubnets Filter.1.Name=vpc-id Filter.1.Value.1=vpc-0fa11bac0ffee0001 => 200 subnet-0fa11bac0ffee0001, subnet-0fa11bac0ffee0002, subnet-0fa11bac0ffee0003",
	},
	{
		name: "DescribeRegions",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			o, err := c.DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
			if err != nil {
				return "", err
			}
			return say(nil, "%d %s %s", len(o.Regions), *o.Regions[0].RegionName, *o.Regions[0].Endpoint)
		},
		want: "1 us-east-1 ec2.us-east-1.amazonaws.com",
		seen: "DescribeRegions AllRegions=true => 200 us-east-1",
	},
	{
		name: "DescribeAvailabilityZones",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			o, err := c.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1b"}})
			if err != nil {
				return "", err
			}
			return say(nil, "%d %s %s %s", len(o.AvailabilityZones), *o.AvailabilityZones[0].ZoneName, *o.AvailabilityZones[0].ZoneId, o.AvailabilityZones[0].State)
		},
		want: "1 us-east-1b use1-az2 available",
		seen: "DescribeAvailabilityZones ZoneName.1=us-east-1b => 200 us-east-1b",
	},
	{
		name: "DescribeInstanceTypes",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			o, err := c.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"t3.large"}})
			if err != nil {
				return "", err
			}
			t := o.InstanceTypes[0]
			return say(nil, "%s %d vCPUs %d MiB current %t", t.InstanceType, *t.VCpuInfo.DefaultVCpus, *t.MemoryInfo.SizeInMiB, *t.CurrentGeneration)
		},
		want: "t3.large 2 vCPUs 8192 MiB current true",
		seen: "DescribeInstanceTypes InstanceType.1=t3.large => 200 t3.large",
	},
	{
		name: "DescribeInstanceAttribute",
		call: func(ctx context.Context, c *ec2.Client) (string, error) {
			o, err := c.DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{InstanceId: aws.String(runningID), Attribute: types.InstanceAttributeNameInstanceType})
			if err != nil {
				return "", err
			}
			return say(nil, "%s %s", *o.InstanceId, *o.InstanceType.Value)
		},
		want: "i-0a1b2c3d4e5f60002 t3.micro",
		seen: "DescribeInstanceAttribute Attribute=instanceType InstanceId=i-0a1b2c3d4e5f60002 => 200 instanceType",
	},
	{
		name: "ModifyInstanceAttribute",
		call: func(ctx context.Context, c *ec2.Client) (string, error) { return "", protecting(runningID)(ctx, c) },
		seen: "ModifyInstanceAttribute DisableApiStop.Value=true InstanceId=i-0a1b2c3d4e5f60002 => 200 disableApiStop",
	},
}

// The size of a type is the same wherever it counts.
func TestInstanceTypesHaveASize(t *testing.T) {
	for _, kind := range instanceTypes {
		if vcpus(kind.name) == 0 || kind.memory == 0 {
			t.Errorf("%s has %d vCPUs and %d MiB", kind.name, vcpus(kind.name), kind.memory)
		}
	}
}

// Tags are added, replaced and deleted, and every answer shows them.
func TestTags(t *testing.T) {
	r := newRig(t, "")
	all := func(filters []types.Filter) string {
		t.Helper()
		o, err := r.ec2.DescribeTags(t.Context(), &ec2.DescribeTagsInput{Filters: filters})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, d := range o.Tags {
			said = append(said, fmt.Sprintf("%s %s %s=%s", *d.ResourceId, d.ResourceType, *d.Key, *d.Value))
		}
		return strings.Join(said, ", ")
	}
	expect := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got  %s\nwant %s", what, got, want)
		}
	}
	create := func(resources []string, tags ...types.Tag) {
		t.Helper()
		if _, err := r.ec2.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: resources, Tags: tags}); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(id string, tags ...types.Tag) {
		t.Helper()
		if _, err := r.ec2.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{id}, Tags: tags}); err != nil {
			t.Fatal(err)
		}
	}
	ofRunning := filtered("resource-id", runningID)
	create([]string{runningID}, tag("Name", "web"), tag("team", ""))
	expect("added and replaced", all(ofRunning), runningID+" instance Name=web, "+runningID+" instance team=")
	remove(runningID, tag("Name", "other"), tag("team", ""), types.Tag{Key: aws.String("none")})
	expect("deleted by key and value", all(ofRunning), runningID+" instance Name=web")
	remove(runningID, types.Tag{Key: aws.String("Name")})
	expect("deleted by key", all(ofRunning), "")
	remove(stoppedID)
	expect("deleted all", all(nil), "")
	if got := len(r.instance(stoppedID).Tags); got != 0 {
		t.Errorf("the state has %d tags", got)
	}

	// Every kind of resource can have tags.
	for _, kind := range []struct {
		id, kind, action string
	}{
		{runningID, "instance", "DescribeInstances"},
		{"vol-0a1b2c3d4e5f60001", "volume", "DescribeVolumes"},
		{imageID, "image", "DescribeImages"},
		{"key-0fa11bac0ffee0001", "key-pair", "DescribeKeyPairs"},
		{groupID, "security-group", "DescribeSecurityGroups"},
		{vpc, "vpc", "DescribeVpcs"},
		{"subnet-0fa11bac0ffee0003", "subnet", "DescribeSubnets"},
	} {
		create([]string{kind.id}, tag("kind", kind.kind))
		expect(kind.kind, all(filtered("resource-type", kind.kind)), kind.id+" "+kind.kind+" kind="+kind.kind)
		status, body := r.post(signed, query(kind.action, "Filter.1.Name", "tag:kind", "Filter.1.Value.1", kind.kind, "Filter.2.Name", "tag-key", "Filter.2.Value.1", "kind"))
		if status != 200 || !strings.Contains(body, kind.id) || !strings.Contains(body, "<key>kind</key><value>"+kind.kind+"</value>") {
			t.Errorf("%s: %d %s", kind.action, status, body)
		}
		if _, body := r.post(signed, query(kind.action, "Filter.1.Name", "tag:kind", "Filter.1.Value.1", "other")); strings.Contains(body, kind.id) {
			t.Errorf("%s: the filter shows %s", kind.action, body)
		}
	}

	// No resource is changed if one of them would have too many tags.
	var many []types.Tag
	for n := range maxTags {
		many = append(many, tag(fmt.Sprint("k", n), "v"))
	}
	_, err := r.ec2.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{stoppedID, runningID}, Tags: many})
	expect("too many", codeOf(err), "400 TagLimitExceeded")
	expect("nothing was changed", all(filtered("key", "k0")), "")
}

// Tags of a launch reach the instance and its volume; after the end of the instance the volume is gone.
func TestVolumesFollowTheirInstances(t *testing.T) {
	r := newRig(t, `{"instances":[]}`)
	volumes := func(filters ...types.Filter) string {
		t.Helper()
		o, err := r.ec2.DescribeVolumes(t.Context(), &ec2.DescribeVolumesInput{Filters: filters})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(names(o.Volumes, func(v types.Volume) *string { return v.VolumeId }), " ")
	}
	launch := launching(func(in *ec2.RunInstancesInput) {
		in.TagSpecifications = []types.TagSpecification{
			{ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{tag("Name", "web")}},
			{ResourceType: types.ResourceTypeVolume, Tags: []types.Tag{tag("Name", "web-root")}},
		}
	})
	if err := launch(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	i := r.State().Instances[0]
	volume := "vol-" + strings.TrimPrefix(i.ID, "i-")
	if got := volumes(filtered("tag:Name", "web-root")...); got != volume || i.Tags["Name"] != "web" {
		t.Errorf("got the volume %q of %v, want %s", got, i, volume)
	}
	if got := volumes(filtered("attachment.instance-id", "i-0a1b2c3d")...); got != "" {
		t.Errorf("another instance has %s", got)
	}
	if err := describing(func(in *ec2.DescribeInstancesInput) { in.Filters = filtered("block-device-mapping.volume-id", volume) })(t.Context(), r.ec2); err != nil || r.last() != "200 "+i.ID+" pending" {
		t.Errorf("%v, saw %s", err, r.last())
	}
	if err := terminating(i.ID)(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	r.pass(time.Minute)
	if got := volumes(); got != "" {
		t.Errorf("after the end of its instance there is %s", got)
	}
}

// query returns the parameters of a request: names and values.
func query(action string, parameters ...string) url.Values {
	v := url.Values{"Action": {action}, "Version": {apiVersion}}
	for n := 0; n < len(parameters); n += 2 {
		v.Set(parameters[n], parameters[n+1])
	}
	return v
}

// Pages of a listing end where the list ends, and the paginator of the SDK returns each member once.
func TestListingPages(t *testing.T) {
	r := newRig(t, "")
	p := ec2.NewDescribeInstanceTypesPaginator(r.ec2, &ec2.DescribeInstanceTypesInput{MaxResults: aws.Int32(5)})
	var all []string
	for p.HasMorePages() {
		o, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(o.InstanceTypes) > 5 {
			t.Errorf("a page has %d types", len(o.InstanceTypes))
		}
		for _, kind := range o.InstanceTypes {
			all = append(all, string(kind.InstanceType))
		}
	}
	var want []string
	for _, kind := range instanceTypes {
		want = append(want, kind.name)
	}
	if !slices.Equal(all, want) {
		t.Errorf("got  %v\nwant %v", all, want)
	}
}
