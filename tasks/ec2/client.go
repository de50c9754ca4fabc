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

	"errand/engine/task"
)

// requestTimeout limits one request, from the connection to the end of the answer.
const requestTimeout = 60 * time.Second

// An account is a client with a credential, and what the credential says of new instances.
type account struct {
	ec2      *sdk.Client
	keyPair  string
	groups   []string
	provider aws.CredentialsProvider
	secrets  []string // no message may contain them
	hide     func(...string)
}

// clients makes an account for each credential when a call first names it, and again when the
// stored credential changes. If a role is assumed, each run has its own account, because the
// session has the run's name.
type clients struct {
	env  task.Environment
	mu   sync.Mutex
	made map[accountKey]keptAccount
	runs []accountKey // the accounts of runs, oldest first
}

// An accountKey identifies an account: the credential's name, and the run if the account is the
// run's own.
type accountKey struct{ credential, run string }

type keptAccount struct {
	stored  task.Values
	account *account
}

// mostRuns is how many accounts of runs are kept. An account that was dropped and is needed again
// costs a request to STS.
const mostRuns = 256

// account returns the account for a call, with credentials that are ready to sign. Credentials that
// must be fetched are fetched here, so that an error of a request is never an error of the
// credentials. If the call has Recover, a failure is unknown: it does not settle what an earlier
// attempt did.
func (c *clients) account(ctx context.Context, call task.Call) (*account, error) {
	shared, err := c.find(ctx, call.Credential, call.Run)
	var a account
	if err == nil {
		a = *shared
		if fault := a.retrieve(ctx); fault != nil {
			err = a.noCredentials(ctx, fault)
		}
	}
	switch {
	case err != nil && call.Recover:
		return nil, task.AsUnknown(err)
	case err != nil:
		return nil, err
	}
	return &a, nil
}

// find returns the account for a credential and a run.
func (c *clients) find(ctx context.Context, name, run string) (*account, error) {
	stored, err := c.stored(ctx, name)
	if err != nil {
		return nil, err
	}
	u := accountKey{credential: name}
	if mayAssumeRole(stored) {
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
		c.made = map[accountKey]keptAccount{}
	}
	if !known && u.run != "" {
		if len(c.runs) == mostRuns {
			delete(c.made, c.runs[0])
			c.runs = c.runs[1:]
		}
		c.runs = append(c.runs, u)
	}
	c.made[u] = keptAccount{maps.Clone(stored), a}
	return a, nil
}

// stored returns a stored credential, or nil if none is stored and the environment is used. It
// checks the credential's form and makes no request.
func (c *clients) stored(ctx context.Context, name string) (task.Values, error) {
	stored, err := c.env.Find(ctx, "ec2", name)
	if err != nil {
		if _, ok := errors.AsType[*task.Failure](err); ok {
			return nil, err
		}
		return nil, badCredential("the stored credential cannot be read: " + err.Error())
	}
	if stored == nil {
		return nil, nil
	}
	var faults []string
	for _, check := range fit(stored) {
		if check.Parameter == securityGroupIDs { // only a launch uses them, and EC2 refuses it
			continue
		}
		faults = append(faults, check.String())
	}
	if len(faults) > 0 {
		return nil, badCredential("the stored credential cannot be used: " + strings.Join(faults, "; "))
	}
	return stored, nil
}

func (c *clients) open(ctx context.Context, stored task.Values, session string) (*account, error) {
	cfg, err := c.config(ctx, stored, session)
	if err != nil {
		return nil, err
	}
	a := &account{
		ec2:      sdk.NewFromConfig(cfg, func(o *sdk.Options) { o.Retryer, o.HTTPClient = aws.NopRetryer{}, sender{o.HTTPClient} }),
		keyPair:  stored.Reveal(keyPairName),
		groups:   words(stored.Reveal(securityGroupIDs)),
		provider: cfg.Credentials,
		secrets:  []string{stored.Reveal(secretAccessKey), stored.Reveal(accessKeyID), stored.Reveal(sessionToken)},
		hide:     c.env.HideTexts,
	}
	if !stored[roleARN].IsZero() { // each run has other keys, which are sent to EC2 only: secrets has them
		a.hide = func(...string) {}
	}
	return a, nil
}

// retrieve fetches the credentials. The SDK keeps them while they are valid.
func (a *account) retrieve(ctx context.Context) error {
	found, err := a.provider.Retrieve(ctx)
	secrets := []string{found.SecretAccessKey, found.SessionToken, found.AccessKeyID}
	a.secrets = append(slices.Clip(a.secrets), secrets...)
	a.hide(secrets...)
	return err
}

// badCredential returns the failure for a credential that cannot be used. That is trouble on this
// machine: nothing was sent.
func badCredential(message string) *task.Failure {
	return &task.Failure{Code: task.CodeCredential, Message: message, Local: true}
}

// words splits a list at its commas.
func words(list string) []string {
	var found []string
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			found = append(found, word)
		}
	}
	return found
}
