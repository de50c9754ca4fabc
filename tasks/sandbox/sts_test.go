package sandbox

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A client of STS at the address of EC2 learns who it is, also if every request to EC2 fails.
func TestCallerIdentity(t *testing.T) {
	r := newRig(t, `{"faults":[{"system":"ec2","throttle":1}]}`)
	client := sts.New(sts.Options{
		BaseEndpoint: aws.String(EC2URL), Region: "us-east-1", HTTPClient: r.http, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDSANDBOX", "secret", ""),
	})
	o, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(*o.Account, " ", *o.Arn, " ", len(*o.UserId)); got != "123456789012 arn:aws:iam::123456789012:user/sandbox 21" {
		t.Errorf("got %s", got)
	}
	if want := (Exchange{"sts", "GetCallerIdentity", "200 arn:aws:iam::123456789012:user/sandbox"}); r.exchange() != want {
		t.Errorf("saw %v, want %v", r.exchange(), want)
	}
	_, err = client.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	if codeOf(err) != "400 SandboxLimit" || !strings.Contains(err.Error(), "The sandbox does not know the action GetSessionToken of STS; it knows GetCallerIdentity") {
		t.Errorf("another action: %v", err)
	}
	for _, test := range []struct {
		name, authorization, parameter, want string
	}{
		{"no authorization", "", "Action=GetCallerIdentity", "403 MissingAuthenticationToken"},
		{"an unknown parameter", signed, "Action=GetCallerIdentity&Colour=blue", "400 SandboxLimit"},
		{"no action", signed, "", "400 MissingAction"},
	} {
		form, err := url.ParseQuery(test.parameter)
		if err != nil {
			t.Fatal(err)
		}
		form.Set("Version", stsVersion)
		if status, body := r.post(test.authorization, form); r.last() != test.want || !strings.HasPrefix(test.want, fmt.Sprint(status)) || !strings.Contains(body, "<ErrorResponse ") {
			t.Errorf("%s: got %d %s, saw %s", test.name, status, body, r.last())
		}
	}
}
