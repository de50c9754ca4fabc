package ec2

import (
	"cmp"
	"context"
	"crypto/x509"
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

	"errand/engine/task"
)

// config returns the SDK's configuration. What is stored takes precedence over the environment and
// the AWS configuration files: neither decides where a request with a stored endpoint, with stored
// keys or for a stored role goes. Proxies and certificates (AWS_CA_BUNDLE) are the machine's.
func (c *clients) config(ctx context.Context, stored task.Values, session string) (aws.Config, error) {
	to := target(stored)
	open := c.chain
	if stored.Reveal(accessKeyID) != "" {
		open = c.storedKeys
	}
	cfg, err := open(ctx, stored, to.region, session)
	if err != nil {
		return aws.Config{}, err
	}
	if role := stored.Reveal(roleARN); role != "" {
		cfg.Credentials = roleCredentials(alone(cfg), role, stored.Reveal(externalID), session)
	}
	if to == (endpoint{}) {
		return cfg, nil
	}
	cfg = alone(cfg)
	if to.url != "" {
		cfg.BaseEndpoint = &to.url
	}
	return cfg, nil
}

// target returns the endpoint that a credential stores. Keys without one belong to the stored region, or
// else to the default endpoint. For a profile or a role without one, target returns the zero endpoint: the
// SDK finds the address in its own configuration.
func target(stored task.Values) endpoint {
	text, region := stored.Reveal(regionEndpoint), stored.Reveal(regionName)
	if text == "" {
		text = region
	}
	if text == "" && stored.Reveal(accessKeyID) != "" {
		text = defaultEndpoint
	}
	if text == "" {
		return endpoint{}
	}
	to, _ := parseEndpoint(text) // fit checked its form
	to.region = cmp.Or(to.region, region)
	return to
}

// alone returns a configuration without its sources. The SDK reads the sources again when it makes
// a client: for addresses (AWS_ENDPOINT_URL, endpoint_url, services, FIPS, dual-stack) and more.
func alone(cfg aws.Config) aws.Config {
	return aws.Config{Region: cfg.Region, Credentials: cfg.Credentials, HTTPClient: cfg.HTTPClient, APIOptions: cfg.APIOptions, Logger: cfg.Logger}
}

// storedKeys returns a configuration with stored keys. It reads no configuration file, so a broken
// profile does no harm. If the endpoint names no region, requests are signed for the environment's.
func (c *clients) storedKeys(_ context.Context, stored task.Values, region, _ string) (aws.Config, error) {
	client, err := c.httpClient()
	if err != nil {
		return aws.Config{}, err
	}
	return aws.Config{
		Region:      cmp.Or(region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), defaultRegion),
		Credentials: credentials.NewStaticCredentialsProvider(stored.Reveal(accessKeyID), stored.Reveal(secretAccessKey), stored.Reveal(sessionToken)),
		HTTPClient:  client,
		APIOptions:  readAnswers(),
		Logger:      logging.Nop{},
	}, nil
}

// chain returns the configuration that the SDK finds in the environment and in its files, with the
// stored profile if there is one.
func (c *clients) chain(ctx context.Context, stored task.Values, region, session string) (aws.Config, error) {
	cfg, err := c.load(ctx, stored, region, session)
	if err == nil && c.env.Transport != nil { // here, because the SDK sets certificates (AWS_CA_BUNDLE) on its own client only
		cfg.HTTPClient = httpClient(c.env.Transport)
	}
	return cfg, err
}

// load is chain over the network, with further options.
func (c *clients) load(ctx context.Context, stored task.Values, region, session string, more ...func(*config.LoadOptions) error) (aws.Config, error) {
	first := func(o *config.LoadOptions) error {
		o.Region, o.DefaultRegion = region, defaultRegion
		o.SharedConfigProfile = stored.Reveal(profile)
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(requestTimeout)
		o.APIOptions, o.Logger = readAnswers(), logging.Nop{}                 // the SDK would write to standard error
		o.AssumeRoleCredentialOptions = func(a *stscreds.AssumeRoleOptions) { // for a role that the profile names
			a.RoleSessionName = cmp.Or(a.RoleSessionName, session)
		}
		return nil
	}
	cfg, err := config.LoadDefaultConfig(ctx, append([]func(*config.LoadOptions) error{first}, more...)...)
	if err != nil {
		return cfg, badCredential("the AWS configuration cannot be read: " + err.Error())
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

// httpClient returns the client for requests with stored keys. It accepts the certificates that
// AWS_CA_BUNDLE names, as the SDK's own client does.
func (c *clients) httpClient() (aws.HTTPClient, error) {
	if c.env.Transport != nil {
		return httpClient(c.env.Transport), nil
	}
	client := awshttp.NewBuildableClient().WithTimeout(requestTimeout)
	file := os.Getenv("AWS_CA_BUNDLE")
	if file == "" {
		return client, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, badCredential("the certificates of AWS_CA_BUNDLE cannot be read: " + err.Error())
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, badCredential("the file of AWS_CA_BUNDLE, " + file + ", contains no certificate")
	}
	return client.WithTransportOptions(func(t *http.Transport) { t.TLSClientConfig.RootCAs = pool }), nil
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
