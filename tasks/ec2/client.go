package ec2

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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

// clients makes an account for each credential, with the first call that names it, and anew where what is stored changed. Where a
// role is assumed each run has an account of its own, since the session bears the run's name.
type clients struct {
	env  task.Environment
	mu   sync.Mutex
	made map[use]made
	runs []use // those that are a run's own, the oldest first
}

// A use is a credential by its name, and the run where the account is the run's own.
type use struct{ credential, run string }

type made struct {
	stored  task.Values
	account *account
}

// mostRuns is how many runs' own accounts are kept. One that was dropped and is needed again costs a request to STS.
const mostRuns = 256

// account finds the account for a call, with credentials that are ready to sign: where they have to be fetched, that happens
// here, so that an error of a request is never one of theirs. A failure leaves open what an earlier attempt did.
func (c *clients) account(ctx context.Context, call task.Call) (*account, error) {
	shared, err := c.named(ctx, call.Credential, call.Run)
	var a account
	if err == nil {
		a = *shared
		if fault := a.retrieve(ctx); fault != nil {
			err = a.unfetched(ctx, fault)
		}
	}
	switch {
	case err != nil && call.Recover:
		return nil, unsettled(err)
	case err != nil:
		return nil, err
	}
	return &a, nil
}

func (c *clients) named(ctx context.Context, name, run string) (*account, error) {
	stored, err := c.stored(ctx, name)
	if err != nil {
		return nil, err
	}
	u := use{credential: name}
	if assumes(stored) {
		u.run = run
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m, known := c.made[u]
	if known && maps.Equal(m.stored, stored) && (m.stored == nil) == (stored == nil) {
		return m.account, nil
	}
	a, err := c.open(ctx, stored, sessionName(run))
	if err != nil {
		return nil, err
	}
	if c.made == nil {
		c.made = map[use]made{}
	}
	if !known && u.run != "" {
		if len(c.runs) == mostRuns {
			delete(c.made, c.runs[0])
			c.runs = c.runs[1:]
		}
		c.runs = append(c.runs, u)
	}
	c.made[u] = made{maps.Clone(stored), a}
	return a, nil
}

// stored looks up the credential and checks its form, without a request. It is nil where the environment stands in.
func (c *clients) stored(ctx context.Context, name string) (task.Values, error) {
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
	var faults []string
	for _, check := range fit(stored) {
		faults = append(faults, check.Parameter+" "+check.Message)
	}
	if len(faults) > 0 {
		return nil, unusable("the stored credential cannot be used: " + strings.Join(faults, "; "))
	}
	return stored, nil
}

func (c *clients) open(ctx context.Context, stored task.Values, session string) (*account, error) {
	cfg, err := c.config(ctx, stored, session)
	if err != nil {
		return nil, err
	}
	return &account{
		ec2:      sdk.NewFromConfig(cfg, func(o *sdk.Options) { o.Retryer, o.HTTPClient = aws.NopRetryer{}, sender{o.HTTPClient} }),
		keyPair:  stored.Reveal(keyPairName),
		groups:   words(stored.Reveal(securityGroupIDs)),
		provider: cfg.Credentials,
		secrets:  []string{stored.Reveal(secretAccessKey), stored.Reveal(accessKeyID)},
	}, nil
}

// retrieve fetches the credentials, which the SDK keeps as long as they are valid.
func (a *account) retrieve(ctx context.Context) error {
	found, err := a.provider.Retrieve(ctx)
	a.secrets = append(slices.Clip(a.secrets), found.SecretAccessKey, found.SessionToken, found.AccessKeyID)
	return err
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
