package ec2

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"

	"errand/engine/task"
)

// metadataTimeout limits the request to the metadata service of this machine. One that is there
// answers within milliseconds.
const metadataTimeout = 5 * time.Second

// ready reports whether a credential can be used. Stored keys can. The SDK's own chain is followed
// up to the first request to a service elsewhere: such a service may issue keys. The metadata of
// this machine or container is asked, because there the chain ends. A process that a profile names
// is not started.
func (c *clients) ready(ctx context.Context, name string) error {
	stored, err := c.stored(ctx, name)
	if err != nil || stored.Reveal(accessKeyID) != "" {
		return err
	}
	elsewhere := func(o *config.LoadOptions) error {
		o.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.Proxy, t.DialContext = nil, func(context.Context, string, string) (net.Conn, error) { return nil, errElsewhere }
		})
		o.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
		return nil
	}
	cfg, err := c.load(ctx, stored, defaultRegion, "ready", elsewhere)
	if err != nil {
		return err
	}
	is := func(provider aws.CredentialsProvider) bool {
		return aws.IsCredentialsProvider(cfg.Credentials, provider)
	}
	switch {
	case is(&processcreds.Provider{}):
		return nil
	case is(&ec2rolecreds.Provider{}), is(&endpointcreds.Provider{}):
		if cfg, err = c.load(ctx, stored, defaultRegion, "ready"); err != nil {
			return err
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, metadataTimeout)
		defer cancel()
	}
	found, err := cfg.Credentials.Retrieve(ctx)
	switch {
	case errors.Is(err, errElsewhere):
		return nil
	case err != nil:
		return noneHere(stored, reasonOf(err, is(&ec2rolecreds.Provider{})))
	}
	c.env.HideTexts(found.SecretAccessKey, found.SessionToken, found.AccessKeyID)
	return nil
}

// noneHere returns the failure for a chain that ends on this machine without credentials.
func noneHere(stored task.Values, reason string) error {
	if stored != nil {
		return badCredential("the stored credential has no keys, and the AWS configuration has none" + reason)
	}
	return badCredential("no credential of ec2 is stored, and the environment has none" + reason +
		"; store one, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
}

// reasonOf returns why there are no credentials, after a colon, or "" if there is no more to say. The
// metadata service is the end of every chain, also if nobody expects one.
func reasonOf(err error, metadata bool) string {
	switch {
	case os.Getenv("AWS_ACCESS_KEY_ID") != "" && os.Getenv("AWS_SECRET_ACCESS_KEY") == "":
		return ": AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not"
	case metadata && strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true"):
		return ""
	case metadata:
		return ", nor has the metadata service of this machine"
	}
	return ": " + oneLine(strings.TrimPrefix(err.Error(), "failed to refresh cached credentials, "))
}

// errElsewhere is the error of a request that ready does not make.
var errElsewhere = errors.New("the request was not made")
