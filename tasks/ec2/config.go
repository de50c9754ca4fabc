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

	"errand/engine/task"
)

// config is the SDK's own configuration, with its environment variables and profiles, under what is stored. Where an endpoint
// and a transport are both given, nothing of the environment is needed, and a broken profile is no hindrance.
func (c *clients) config(ctx context.Context, stored task.Values, session string) (aws.Config, error) {
	var to endpoint
	var static aws.CredentialsProvider
	if stored.Reveal(accessKeyID) != "" {
		static = credentials.NewStaticCredentialsProvider(stored.Reveal(accessKeyID), stored.Reveal(secretAccessKey), "")
		to, _ = parseEndpoint(defaultEndpoint)
	}
	if text := stored.Reveal(regionEndpoint); text != "" {
		to, _ = parseEndpoint(text) // its form was checked
	}
	role := stored.Reveal(roleARN)
	if static != nil && role == "" && to.url != "" && c.env.Transport != nil {
		region := cmp.Or(to.region, os.Getenv("AWS_REGION"), defaultRegion)
		return aws.Config{Region: region, Credentials: static, HTTPClient: carried(c.env.Transport), BaseEndpoint: &to.url}, nil
	}
	cfg, err := config.LoadDefaultConfig(ctx, func(o *config.LoadOptions) error {
		o.Region, o.DefaultRegion, o.Credentials = to.region, defaultRegion, static
		o.SharedConfigProfile = stored.Reveal(profile)
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(requestTimeout)
		o.AssumeRoleCredentialOptions = func(a *stscreds.AssumeRoleOptions) { // a role that the profile names
			a.RoleSessionName = cmp.Or(a.RoleSessionName, session)
		}
		return nil
	})
	if err != nil {
		return cfg, unusable("the AWS configuration cannot be read: " + err.Error())
	}
	if c.env.Transport != nil { // set here, since the SDK sets certificates (AWS_CA_BUNDLE) on no client but its own
		cfg.HTTPClient = carried(c.env.Transport)
	}
	if role != "" {
		cfg.Credentials = assumed(cfg, role, stored.Reveal(externalID), session)
	}
	if to.url != "" { // set last: STS is elsewhere
		cfg.BaseEndpoint = &to.url
	}
	return cfg, nil
}

func carried(by http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     by,
		Timeout:       requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// assumes tells whether a role is assumed with a credential, or may be: a profile can name one.
func assumes(stored task.Values) bool {
	return !stored[roleARN].IsZero() || !stored[profile].IsZero()
}

// assumed are the credentials of a role, fetched with the configuration's own where they are needed and kept while they are valid.
func assumed(cfg aws.Config, role, external, session string) aws.CredentialsProvider {
	client := sts.NewFromConfig(cfg, func(o *sts.Options) { o.Retryer, o.HTTPClient = aws.NopRetryer{}, sender{o.HTTPClient} })
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = session
		if external != "" {
			o.ExternalID = &external
		}
	}))
}

// sessionName is the RoleSessionName for a run: at most 64 letters, digits, "_" and "=,.@-".
func sessionName(run string) string {
	name := strings.Map(func(r rune) rune {
		if !simple(r) {
			return '-'
		}
		return r
	}, "errand-"+run)
	return name[:min(len(name), 64)]
}

// simple tells the characters that STS takes in a session's name, but for the plus.
func simple(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_=,.@-", r)
}
