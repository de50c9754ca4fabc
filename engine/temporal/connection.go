package temporal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"

	"errand/engine"
	"errand/engine/plainfile"
)

// DefaultTaskQueue is the task queue of a Connection that names none.
const DefaultTaskQueue = "errand"

// A Connection says how to reach Temporal. A field that is empty is taken from Temporal's usual
// variables, such as TEMPORAL_ADDRESS, and then from the profile file. It has no secret: an API key
// is in APIKeyFile, in TEMPORAL_API_KEY or in the profile file.
type Connection struct {
	Address   string // HOST:PORT; defaults to localhost:7233
	Namespace string // defaults to "default"
	TaskQueue string // defaults to DefaultTaskQueue; no variable sets it

	Profile    string // of the profile file; defaults to TEMPORAL_PROFILE, and then to "default"
	ConfigFile string // the profile file; defaults to TEMPORAL_CONFIG_FILE, and then to the user's

	TLS           *bool  // nil if the other settings decide
	TLSServerName string // the name in the server's certificate; defaults to the host of Address
	TLSCert       string // the file with the certificate of this client, for mTLS
	TLSKey        string // the file with the key of TLSCert
	TLSCA         string // the file with the authorities that may sign the server's certificate
	APIKeyFile    string // the file with the API key
}

// Queue returns the task queue.
func (c Connection) Queue() string { return cmp.Or(c.TaskQueue, DefaultTaskQueue) }

// Dial connects to Temporal and looks whether the namespace is there. Without a codec the client
// refuses every payload, so it can only set up and examine. Its error is an *engine.Trouble, which
// contains no secret.
func (c Connection) Dial(ctx context.Context, codec *Codec, logger *slog.Logger) (client.Client, error) {
	options, err := c.options(envconfig.EnvLookupOS)
	if err != nil {
		return nil, err
	}
	options.ConnectionOptions.GetSystemInfoTimeout = answerTimeout
	options.Logger = sdklog.NewStructuredLogger(logger)
	var payloads converter.PayloadCodec = keyless{}
	if codec != nil {
		payloads = codec
	}
	options.DataConverter, options.FailureConverter = converters(payloads)
	made, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, connectTrouble(ctx, err, options)
	}
	if _, err := describeNamespace(ctx, made, options.Namespace); err != nil {
		made.Close()
		return nil, connectTrouble(ctx, err, options)
	}
	return made, nil
}

// Place returns the address and the namespace that Dial would use.
func (c Connection) Place() (address, namespace string, err error) {
	options, err := c.options(envconfig.EnvLookupOS)
	return options.HostPort, options.Namespace, err
}

// settings returns the trouble that a setting is wrong.
func settings(hint, format string, args ...any) error {
	return &engine.Trouble{Code: engine.TroubleSettings, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// options merges the flags with the variables and the profile.
func (c Connection) options(env envconfig.EnvLookup) (client.Options, error) {
	p, err := c.profile(env)
	if err != nil {
		return client.Options{}, err
	}
	p.Address = cmp.Or(c.Address, p.Address, client.DefaultHostPort)
	p.Namespace = cmp.Or(c.Namespace, p.Namespace, client.DefaultNamespace)
	if err := checkAddress(p.Address); err != nil {
		return client.Options{}, err
	}
	if c.APIKeyFile != "" {
		if p.APIKey, err = readAPIKey(c.APIKeyFile); err != nil {
			return client.Options{}, err
		}
	}
	if err := checkAPIKey(p.APIKey); err != nil {
		return client.Options{}, err
	}
	c.mergeTLS(&p)
	if err := checkTLS(p.TLS); err != nil {
		return client.Options{}, err
	}
	options, err := p.ToClientOptions(envconfig.ToClientOptionsRequest{})
	if err != nil { // checkTLS has found what is known to be wrong
		return client.Options{}, settings("", "the settings of TLS cannot be used")
	}
	return options, nil
}

// profile reads the profile and the variables.
func (c Connection) profile(env envconfig.EnvLookup) (envconfig.ClientConfigProfile, error) {
	file, _ := env.LookupEnv("TEMPORAL_CONFIG_FILE")
	if file = cmp.Or(c.ConfigFile, file); file != "" {
		if _, err := os.Stat(file); err != nil { // the loader accepts a file that does not exist
			return envconfig.ClientConfigProfile{}, fileTrouble("the profile file", file, err)
		}
	}
	name, _ := env.LookupEnv("TEMPORAL_PROFILE")
	name = cmp.Or(c.Profile, name)
	config, err := envconfig.LoadClientConfig(envconfig.LoadClientConfigOptions{ConfigFilePath: file, EnvLookup: env})
	file = cmp.Or(file, envconfig.DefaultConfigFilePath())
	if wrong, ok := errors.AsType[toml.ParseError](err); ok { // its text may quote an API key
		return envconfig.ClientConfigProfile{}, settings("", "line %d of the profile file %s is not valid TOML", wrong.Position.Line, quotePath(file))
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return envconfig.ClientConfigProfile{}, fileTrouble("the profile file", file, err)
	}
	if err != nil {
		return envconfig.ClientConfigProfile{}, settings("", "the profile file %s has a value of another type than expected", quotePath(file))
	}
	var p envconfig.ClientConfigProfile
	if found := config.Profiles[cmp.Or(name, envconfig.DefaultConfigFileProfile)]; found != nil {
		p = *found
	} else if name != "" {
		return p, settings("temporal config list shows the profiles", "the profile file %s has no profile %q", quotePath(file), name)
	}
	if err := p.ApplyEnvVars(env); err != nil {
		return p, settings("", "Temporal's variables cannot be read")
	}
	return p, nil
}

// mergeTLS puts the settings of TLS of the flags into the profile.
func (c Connection) mergeTLS(p *envconfig.ClientConfigProfile) {
	own := c.TLSServerName + c.TLSCert + c.TLSKey + c.TLSCA
	if p.TLS == nil && own == "" && (c.TLS == nil || !*c.TLS && p.APIKey == "") {
		return
	}
	merged := envconfig.ClientConfigTLS{}
	if p.TLS != nil {
		merged = *p.TLS
	}
	if own != "" {
		merged.Disabled = false
	}
	if c.TLS != nil {
		merged.Disabled = !*c.TLS
	}
	if c.TLSCert != "" || c.TLSKey != "" { // they belong together
		merged.ClientCertPath, merged.ClientCertData, merged.ClientKeyPath, merged.ClientKeyData = c.TLSCert, nil, c.TLSKey, nil
	}
	if c.TLSCA != "" {
		merged.ServerCACertPath, merged.ServerCACertData = c.TLSCA, nil
	}
	merged.ServerName = cmp.Or(c.TLSServerName, merged.ServerName)
	p.TLS = &merged
}

// checkAddress accepts HOST:PORT and the addresses of gRPC's resolvers, such as dns:///HOST:PORT.
func checkAddress(address string) error {
	if strings.Contains(address, ":///") {
		return nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return settings("for a server on this machine it is "+client.DefaultHostPort, "the address of Temporal is %q; expected HOST:PORT", address)
	}
	return nil
}

// fileTrouble returns the trouble with a file that a setting names.
func fileTrouble(what, file string, err error) error {
	if kind, ok := errors.AsType[*plainfile.KindError](err); ok {
		return settings("", "%s %s %s", what, quotePath(file), kind.Reason())
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return settings("", "%s %s cannot be read: %w", what, quotePath(file), err)
}

// quotePath quotes the name of a file. It does not quote what may be the content of a file that
// somebody put in the place of its name, such as a key.
func quotePath(file string) string {
	const longest = 200
	if len(file) > longest || strings.ContainsAny(file, "\r\n") || strings.HasPrefix(file, "eyJ") { // eyJ begins an API key
		return "(not shown: it does not look like the name of a file)"
	}
	return fmt.Sprintf("%q", file)
}
