package task

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// A Connector is a system that tasks act on. It has task types and the parameters of their
// credential.
type Connector struct {
	Name        string // in lower case; the part of a type's name before the dot
	Title       string
	Description string
	Credential  []Parameter // empty: the connector needs none
	Types       []Type      // empty: something else than steps uses the credential

	// Secrets are the environment variables that contain secrets, except those of encrypted
	// parameters.
	Secrets []string

	// Ready checks, before a run starts, that the named credential can be used. It makes no request,
	// except to a service of this machine that issues credentials. Its error is a local *Failure with
	// CodeCredential that says what to do. If nil, every credential can be used.
	Ready func(ctx context.Context, credential string) error

	// Fit returns what is wrong with the values of a new credential, beyond what Credential says
	// about each: malformed values, values that another one requires, values that exclude each
	// other. It makes no request. No message contains an encrypted value. If nil, all values fit.
	Fit func(values Values) []Check

	// Runs returns the ids of the runs whose references (Call.Reference) are in a service request.
	// Its requests change nothing. If nil, the connector knows no service requests.
	Runs func(ctx context.Context, credential, request string) ([]string, error)

	// Desk reads the tickets of the service desk. If nil, the connector has none that intake could
	// read.
	Desk Desk

	// Target identifies the system that requests with the values of a credential go to: equal texts
	// mean the same system. The text contains no encrypted value. If nil, requests always go to the
	// same system.
	Target func(values Values) string

	// Validate tests the named credential by requests that change nothing. A parameter without a
	// result has no Check. No message contains an encrypted value. If nil, there is nothing to
	// test.
	Validate func(ctx context.Context, credential string) []Check
}

// A Check is the result of a test of a credential's parameter, or, without a name, of the
// credential.
type Check struct {
	Parameter string
	OK        bool // no fault was found
	Warning   bool // of OK: something is likely to go wrong all the same
	// Unreachable means that the system did not answer, so nobody knows whether the values are good.
	Unreachable bool
	// Message is in lower case and follows the parameter's name: "is reached", "is missing;
	// role_arn needs it".
	Message string
}

// String returns the check's text, which begins with the parameter if the check is about one.
func (c Check) String() string { return strings.TrimPrefix(c.Parameter+" "+c.Message, " ") }

// A Parameter is one value of a credential.
type Parameter struct {
	Name        string
	Title       string
	Description string
	Default     string
	Encrypted   bool
	Required    bool
	Group       ParameterGroup
	Variable    string // the environment variable to use if no credential is stored; may be empty
}

// A ParameterGroup is what a parameter of a credential is about. A person is asked for one group
// after the other.
type ParameterGroup int

// The groups, in the order of the questions.
const (
	Keys     ParameterGroup = iota // who makes the requests
	Address                        // where requests go
	Settings                       // everything else
)

// ParameterGroups are all groups.
var ParameterGroups = []ParameterGroup{Keys, Address, Settings}

func (g ParameterGroup) String() string {
	return [...]string{"keys", "where requests go", "further settings"}[g]
}

// Credentials is the store of the connectors' credentials. Its values must appear in requests only.
type Credentials interface {
	// Find returns the parameters of a stored credential, or nil if there is none. A parameter
	// without a value is absent: the connector applies the default.
	Find(ctx context.Context, connector, name string) (Values, error)
}

// DefaultCredential is the name of the credential if a definition names none. If no credential is
// stored under it, a connector uses its environment. Under any other name, that is a failure.
const DefaultCredential = "default"

// An Environment is what a connector depends on. The zero value has no stored credentials and uses
// the network.
type Environment struct {
	Credentials Credentials       // nil: no credentials are stored
	Transport   http.RoundTripper // nil: the network, with the environment's proxy and certificates
	Hide        func(Secret)      // receives each secret that a connector finds elsewhere; may be nil
}

// HideTexts passes secrets on to Hide.
func (e Environment) HideTexts(texts ...string) {
	if e.Hide == nil {
		return
	}
	for _, text := range texts {
		e.Hide(NewSecret(text))
	}
}

// IsUsedBySteps reports whether a step can use a credential of the connector: it has task types and a
// credential.
func (c Connector) IsUsedBySteps() bool { return len(c.Types) > 0 && len(c.Credential) > 0 }

// SecretVariables returns the environment variables that contain secrets of the connector.
func (c Connector) SecretVariables() []string {
	names := slices.Clone(c.Secrets)
	for _, p := range c.Credential {
		if p.Encrypted && p.Variable != "" {
			names = append(names, p.Variable)
		}
	}
	return names
}

// Find returns a stored credential. If the default credential is not stored, Find returns nil. If
// another one is not stored, the error is a local *Failure.
func (e Environment) Find(ctx context.Context, connector, name string) (Values, error) {
	if name == "" {
		name = DefaultCredential
	}
	var found Values
	if e.Credentials != nil {
		var err error
		if found, err = e.Credentials.Find(ctx, connector, name); err != nil {
			return nil, err
		}
	}
	if found == nil && name != DefaultCredential {
		return nil, &Failure{Code: CodeCredential, Local: true, Message: "no credential of " + connector + ` is stored under the name "` + name + `"`}
	}
	return found, nil
}
