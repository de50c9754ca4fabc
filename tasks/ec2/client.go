package ec2

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"errand/engine/schema"
	"errand/engine/task"
)

// requestTimeout bounds one request, from the connection to the end of the answer.
const requestTimeout = 60 * time.Second

// An account is a credential at work.
type account struct {
	ec2      *sdk.Client
	keyPair  string
	groups   []string
	provider aws.CredentialsProvider
	secrets  []string // what no message may hold
}

// clients makes an account for each credential, with the first call that names it, and anew where what is stored changed.
type clients struct {
	env  task.Environment
	mu   sync.Mutex
	made map[string]made
}

type made struct {
	stored  map[string]string
	account *account
}

// account finds the account for a call, with credentials that are ready to sign: where they have to be fetched, that happens
// here, so that an error of a request is never one of theirs. A failure leaves open what an earlier attempt did.
func (c *clients) account(ctx context.Context, call task.Call) (*account, error) {
	shared, err := c.named(ctx, call.Credential)
	var a account
	if err == nil {
		a = *shared
		err = a.retrieve(ctx)
	}
	switch {
	case err != nil && call.Recover:
		return nil, unsettled(err)
	case err != nil:
		return nil, err
	}
	return &a, nil
}

func (c *clients) named(ctx context.Context, name string) (*account, error) {
	stored, err := c.stored(ctx, name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, ok := c.made[name]; ok && maps.Equal(m.stored, stored) && (m.stored == nil) == (stored == nil) {
		return m.account, nil
	}
	a, err := c.open(ctx, stored)
	if err != nil {
		return nil, err
	}
	if c.made == nil {
		c.made = map[string]made{}
	}
	c.made[name] = made{maps.Clone(stored), a}
	return a, nil
}

// stored looks up the credential and checks its form, without a request. It is nil where the environment stands in.
func (c *clients) stored(ctx context.Context, name string) (map[string]string, error) {
	stored, err := c.env.Find(ctx, "ec2", name)
	if err != nil {
		if _, ok := errors.AsType[*task.Failure](err); ok {
			return nil, err
		}
		return nil, unusable("the stored credential cannot be read: " + err.Error())
	}
	if stored == nil {
		return nil, nil
	}
	for _, required := range []string{accessKeyID, secretAccessKey} {
		if stored[required] == "" {
			return nil, unusable("the stored credential has no " + required)
		}
	}
	if _, err := parseEndpoint(cmp.Or(stored[regionEndpoint], defaultEndpoint)); err != nil {
		return nil, unusable(regionEndpoint + " " + err.Error())
	}
	return stored, nil
}

func (c *clients) open(ctx context.Context, stored map[string]string) (*account, error) {
	cfg, err := c.config(ctx, stored)
	if err != nil {
		return nil, err
	}
	return &account{
		ec2:      sdk.NewFromConfig(cfg, func(o *sdk.Options) { o.Retryer = aws.NopRetryer{} }),
		keyPair:  stored[keyPairName],
		groups:   words(stored[securityGroupIDs]),
		provider: cfg.Credentials,
	}, nil
}

// config is the SDK's own configuration, with its environment variables and profiles, under what is stored. Where an endpoint
// and a transport are both given, nothing of the environment is needed, and a broken profile is no hindrance.
func (c *clients) config(ctx context.Context, stored map[string]string) (aws.Config, error) {
	var to endpoint
	var static aws.CredentialsProvider
	if stored != nil {
		to, _ = parseEndpoint(cmp.Or(stored[regionEndpoint], defaultEndpoint)) // its form was checked
		static = credentials.NewStaticCredentialsProvider(stored[accessKeyID], stored[secretAccessKey], "")
	}
	if static != nil && to.url != "" && c.env.Transport != nil {
		region := cmp.Or(to.region, os.Getenv("AWS_REGION"), defaultRegion)
		return aws.Config{Region: region, Credentials: static, HTTPClient: carried(c.env.Transport), BaseEndpoint: &to.url}, nil
	}
	cfg, err := config.LoadDefaultConfig(ctx, func(o *config.LoadOptions) error {
		o.Region, o.DefaultRegion, o.Credentials = to.region, defaultRegion, static
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(requestTimeout)
		return nil
	})
	if err != nil {
		return cfg, unusable("the AWS configuration cannot be read: " + err.Error())
	}
	if c.env.Transport != nil { // set here, since the SDK sets certificates (AWS_CA_BUNDLE) on no client but its own
		cfg.HTTPClient = carried(c.env.Transport)
	}
	if to.url != "" {
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

// retrieve fetches the credentials, which the SDK keeps as long as they are valid.
func (a *account) retrieve(ctx context.Context) error {
	found, err := a.provider.Retrieve(ctx)
	if err != nil {
		f := unusable("Amazon EC2 has no usable credential: " + innermost(err))
		f.Transient = ctx.Err() != nil
		return f
	}
	a.secrets = []string{found.SecretAccessKey, found.SessionToken, found.AccessKeyID}
	return nil
}

func unusable(message string) *task.Failure {
	return &task.Failure{Code: task.CodeCredential, Message: message}
}

func words(list string) []string {
	var found []string
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			found = append(found, word)
		}
	}
	return found
}

func badInput(parameter, value, reason string) *task.Failure {
	return &task.Failure{Code: task.CodeInput, Message: parameter + ": " + schema.Show(value) + " " + reason}
}
