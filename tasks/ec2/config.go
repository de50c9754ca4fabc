package ec2

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"errand/engine/task"
)

// config returns the SDK's configuration. What is stored takes precedence over the SDK's
// environment variables and profiles. If an endpoint, keys and a transport are given and no role,
// the environment is not read except for AWS_REGION, so that a broken profile does no harm.
func (c *clients) config(ctx context.Context, stored task.Values, session string) (aws.Config, error) {
	var to endpoint
	var static aws.CredentialsProvider
	if stored.Reveal(accessKeyID) != "" {
		static = credentials.NewStaticCredentialsProvider(stored.Reveal(accessKeyID), stored.Reveal(secretAccessKey), "")
		to, _ = parseEndpoint(defaultEndpoint)
	}
	if text := stored.Reveal(regionEndpoint); text != "" {
		to, _ = parseEndpoint(text) // fit checked its form
	}
	answers := []func(*middleware.Stack) error{addReading}
	role := stored.Reveal(roleARN)
	if static != nil && role == "" && to.url != "" && c.env.Transport != nil {
		region := cmp.Or(to.region, os.Getenv("AWS_REGION"), defaultRegion)
		return aws.Config{Region: region, Credentials: static, HTTPClient: httpClient(c.env.Transport), BaseEndpoint: &to.url, APIOptions: answers, Logger: logging.Nop{}}, nil
	}
	cfg, err := config.LoadDefaultConfig(ctx, func(o *config.LoadOptions) error {
		o.Region, o.DefaultRegion, o.Credentials = to.region, defaultRegion, static
		o.SharedConfigProfile = stored.Reveal(profile)
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(requestTimeout)
		o.APIOptions, o.Logger = answers, logging.Nop{}                       // the SDK's own would write to standard error
		o.AssumeRoleCredentialOptions = func(a *stscreds.AssumeRoleOptions) { // for a role that the profile names
			a.RoleSessionName = cmp.Or(a.RoleSessionName, session)
		}
		return nil
	})
	if err != nil {
		return cfg, badCredential("the AWS configuration cannot be read: " + err.Error())
	}
	if c.env.Transport != nil { // here, because the SDK sets certificates (AWS_CA_BUNDLE) on its own client only
		cfg.HTTPClient = httpClient(c.env.Transport)
	}
	if role != "" {
		cfg.Credentials = roleCredentials(cfg, role, stored.Reveal(externalID), session)
	}
	if to.url != "" { // last, because STS has another address
		cfg.BaseEndpoint = &to.url
	}
	return cfg, nil
}

// httpClient returns a client that follows no redirect.
func httpClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// mayAssumeRole reports whether a role is or may be assumed with a credential: a profile can name a
// role.
func mayAssumeRole(stored task.Values) bool {
	return !stored[roleARN].IsZero() || !stored[profile].IsZero()
}

// roleCredentials returns the credentials of a role. They are fetched with the credentials of the
// configuration when a request needs them, and kept while they are valid.
func roleCredentials(cfg aws.Config, role, external, session string) aws.CredentialsProvider {
	client := sts.NewFromConfig(cfg, func(o *sts.Options) { o.Retryer, o.HTTPClient = aws.NopRetryer{}, sender{o.HTTPClient} })
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = session
		if external != "" {
			o.ExternalID = &external
		}
	}))
}

// sessionName returns the RoleSessionName of a run: at most 64 letters, digits and characters of
// "_=,.@-".
func sessionName(run string) string {
	name := strings.Map(func(r rune) rune {
		if !inSessionName(r) {
			return '-'
		}
		return r
	}, "errand-"+run)
	return name[:min(len(name), 64)]
}

// inSessionName reports whether STS accepts a character in a session's name. STS also accepts a
// plus, which this leaves out.
func inSessionName(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_=,.@-", r)
}
