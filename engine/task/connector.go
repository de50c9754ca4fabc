package task

import (
	"context"
	"net/http"
)

// A Connector is a system that tasks act on: its task types, and the parameters of the credential that they need.
type Connector struct {
	Name        string // lower case, the part of a type's name before the dot
	Title       string
	Description string
	Credential  []Parameter // empty: the connector needs none
	Types       []Type

	// Ready tells, before a run starts, whether the named credential can be used at all; nil means always. It makes no request.
	// Its error is a *Failure with CodeCredential that says what to do.
	Ready func(ctx context.Context, credential string) error

	// Fit tells what is wrong with values that are to be stored as a credential, beyond what Credential says of each: what is
	// malformed, what is missing since another is not given, what does not go together. nil means nothing ever is. It makes no
	// request, and no message holds a value that is encrypted.
	Fit func(values Values) []Check

	// Validate tries the named credential out, by requests that change nothing; nil means that there is nothing to try. A
	// parameter of which nothing was found out has no Check. No message holds a value that is encrypted.
	Validate func(ctx context.Context, credential string) []Check
}

// A Check is what was found out about a credential's parameter, or, without a name, about the credential as a whole.
type Check struct {
	Parameter string
	OK        bool   // nothing speaks against it
	Message   string // lower case; follows the parameter's name: "is reached", "is missing; role_arn needs it"
}

// A Parameter is one value of a credential.
type Parameter struct {
	Name        string
	Title       string
	Description string
	Default     string
	Encrypted   bool
	Required    bool
	Variable    string // the environment variable that stands in where no credential is stored; may be empty
}

// Credentials finds what is stored for connectors. Values found there appear in requests and nowhere else.
type Credentials interface {
	// Find returns the parameters of a stored credential, or nil where none has the name. A parameter that was not given is
	// not there: its default is the connector's to apply.
	Find(ctx context.Context, connector, name string) (Values, error)
}

// DefaultCredential is the name that is used where a definition names none. Where nothing is stored under it, a connector takes
// what its own environment offers; under any other name that is a failure.
const DefaultCredential = "default"

// An Environment is what a connector is built on. The zero value is the world outside: nothing stored, the network.
type Environment struct {
	Credentials Credentials       // nil: nothing is stored
	Transport   http.RoundTripper // nil: the network, with the proxy and the certificates of the environment
}

// Find looks up a stored credential: nil where there is none and the name is the default one; a *Failure where another name is
// not stored.
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
		return nil, &Failure{Code: CodeCredential, Message: "no credential of " + connector + ` is stored under the name "` + name + `"`}
	}
	return found, nil
}
