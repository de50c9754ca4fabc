package sandbox

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Images, key pairs and security groups: all of them, or those that match a filter.
func TestResources(t *testing.T) {
	r := newRig(t, `{"instances":[],"images":["ami-0a1b2c3d","ami-0a1b2c3e"],"key_pairs":["a","b","c","d"],"security_groups":["sg-0a1b2c3d","sg-0a1b2c3e"]}`)
	filter := func(name, value string) []types.Filter {
		return []types.Filter{{Name: aws.String(name), Values: []string{value}}}
	}
	tests := []struct {
		name       string
		call       func() ([]string, error)
		want, seen string
	}{
		{"images", func() ([]string, error) {
			o, err := r.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{})
			return names(o.Images, func(i types.Image) *string { return i.ImageId }), err
		}, "ami-0a1b2c3d ami-0a1b2c3e", "200 ami-0a1b2c3d, ami-0a1b2c3e"},
		{"images filtered", func() ([]string, error) {
			o, err := r.ec2.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Filters: filter("image-id", "*3e")})
			return names(o.Images, func(i types.Image) *string { return i.ImageId }), err
		}, "ami-0a1b2c3e", "200 ami-0a1b2c3e"},
		{"key pairs, too many to say", func() ([]string, error) {
			o, err := r.ec2.DescribeKeyPairs(t.Context(), &ec2.DescribeKeyPairsInput{})
			return names(o.KeyPairs, func(k types.KeyPairInfo) *string { return k.KeyName }), err
		}, "a b c d", "200 4 key pairs"},
		{"key pairs filtered", func() ([]string, error) {
			o, err := r.ec2.DescribeKeyPairs(t.Context(), &ec2.DescribeKeyPairsInput{Filters: filter("key-name", "z")})
			return names(o.KeyPairs, func(k types.KeyPairInfo) *string { return k.KeyName }), err
		}, "", "200 0 key pairs"},
		{"the first security group is the default", func() ([]string, error) {
			o, err := r.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{})
			return names(o.SecurityGroups, func(g types.SecurityGroup) *string { return g.GroupName }), err
		}, "default group-1", "200 sg-0a1b2c3d, sg-0a1b2c3e"},
		{"security groups by id", func() ([]string, error) {
			o, err := r.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-0a1b2c3e"}})
			return names(o.SecurityGroups, func(g types.SecurityGroup) *string { return g.GroupId }), err
		}, "sg-0a1b2c3e", "200 sg-0a1b2c3e"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.call()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Join(got, " ") != test.want || r.last() != test.seen {
				t.Errorf("got %v, saw %s; want %s, %s", got, r.last(), test.want, test.seen)
			}
		})
	}
}

func names[T any](all []T, name func(T) *string) []string {
	var said []string
	for _, item := range all {
		said = append(said, *name(item))
	}
	return said
}
