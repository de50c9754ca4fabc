package ism

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// Names of the credential's parameters. The five required ones are also names of headers, except
// app_url, whose header is csm_app_url.
const (
	appURL       = "app_url"
	userToken    = "user_auth_token"
	sliceToken   = "slice_token"
	userName     = "webservice_user_name"
	userPassword = "webservice_user_password"
	pathTable    = "paths"
	evidence     = "evidence_delay"
)

func parameters() []task.Parameter {
	return []task.Parameter{
		{Name: appURL, Title: "Application URL", Group: task.Address, Required: true, Variable: "ERRAND_ISM_APP_URL",
			Description: "The address of the ISM application, such as https://csm3.example.com. The web service is below this address."},
		{Name: userToken, Title: "User Auth Token", Encrypted: true, Required: true, Variable: "ERRAND_ISM_USER_AUTH_TOKEN",
			Description: "The token that identifies the user of the web service."},
		{Name: sliceToken, Title: "Slice Token", Encrypted: true, Required: true, Variable: "ERRAND_ISM_SLICE_TOKEN",
			Description: "The token that identifies the tenant."},
		{Name: userName, Title: "Web Service User Name", Required: true, Variable: "ERRAND_ISM_WEBSERVICE_USER_NAME",
			Description: "The user name with which tickets are changed."},
		{Name: userPassword, Title: "Web Service User Password", Encrypted: true, Required: true, Variable: "ERRAND_ISM_WEBSERVICE_USER_PASSWORD",
			Description: "The password of the web service user."},
		{Name: pathTable, Title: "Paths", Group: task.Address, Variable: "ERRAND_ISM_PATHS",
			Description: `The paths of the web service that differ at this site. A JSON object with any of ticket, tickets, ticket_status, service_request, worklog, worklogs, asset and ticket_asset, such as {"asset":"/csmconnector/CI"}.`},
		{Name: evidence, Title: "Evidence Delay", Group: task.Settings, Variable: "ERRAND_ISM_EVIDENCE_DELAY", Default: schema.FormatDuration(task.EvidenceDelay),
			Description: "How long ISM, and gateways before it, may take to carry out a request that they did not answer. Errand looks for the effect of such a request after this time, and twice, before it sends the request again."},
	}
}

// An access is a credential that was read and checked.
type access struct {
	base    string // app_url without a slash at the end
	headers map[string]string
	paths   paths

	// evidenceDelay is how long ISM may take until it shows what a request did.
	evidenceDelay time.Duration
}

// access reads a stored credential, or the environment if none is stored. It makes no request.
func (s *system) access(ctx context.Context, name string) (access, error) {
	stored, err := s.env.Find(ctx, "ism", name)
	if err != nil {
		if _, ok := errors.AsType[*task.Failure](err); ok {
			return access{}, err
		}
		return access{}, badCredential("the stored credential cannot be read: " + err.Error())
	}
	values, missing := map[string]string{}, []string{}
	for _, p := range parameters() {
		value, name := stored.Reveal(p.Name), p.Name
		if stored == nil {
			value, name = os.Getenv(p.Variable), p.Name+" ("+p.Variable+")"
		}
		if values[p.Name] = strings.TrimSpace(value); values[p.Name] == "" && p.Required {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) > 0 && stored == nil:
		return access{}, badCredential("no credential of ism is stored, and the environment lacks " + strings.Join(missing, ", ") + "; store one, or set the variables")
	case len(missing) > 0:
		return access{}, badCredential("the stored credential lacks " + strings.Join(missing, ", "))
	}
	base, err := s.base(values[appURL])
	if err != nil {
		return access{}, badCredential(appURL + " " + err.Error())
	}
	table, err := parsePaths(values[pathTable])
	if err != nil {
		return access{}, badCredential(pathTable + " " + err.Error())
	}
	delay, err := parseEvidenceDelay(values[evidence])
	if err != nil {
		return access{}, badCredential(evidence + " " + err.Error())
	}
	return access{base: base, paths: table, evidenceDelay: delay, headers: map[string]string{
		userToken: values[userToken], sliceToken: values[sliceToken], "csm_app_url": values[appURL],
		userName: values[userName], userPassword: values[userPassword],
	}}, nil
}

// base checks the application's URL and returns the address that paths are appended to. The tokens
// are part of every request, so http is only allowed for this machine, or with a transport that
// does not use the network.
func (s *system) base(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("is not an http or https URL; write it like https://csm3.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("has more than a host, a port and a path; write it like https://csm3.example.com")
	case u.Scheme == "http" && s.env.Transport == nil && !isLoopback(u.Hostname()):
		return "", errors.New("is not https, so others could read the tokens; write it like https://csm3.example.com")
	}
	base := strings.TrimRight(text, "/")
	return cmp.Or(strings.TrimSuffix(base, "/csmconnector"), base), nil
}

// target implements task.Connector.Target: it identifies the application that a credential's
// requests go to.
func (s *system) target(v task.Values) string {
	base, _ := s.base(strings.TrimSpace(v.Reveal(appURL)))
	return base
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// fit checks the form of a credential's values.
func (s *system) fit(v task.Values) []task.Check {
	var wrong []task.Check
	if text := strings.TrimSpace(v.Reveal(appURL)); text != "" {
		if _, err := s.base(text); err != nil {
			wrong = append(wrong, task.Check{Parameter: appURL, Message: err.Error()})
		}
	}
	if _, err := parsePaths(v.Reveal(pathTable)); err != nil {
		wrong = append(wrong, task.Check{Parameter: pathTable, Message: err.Error()})
	}
	if _, err := parseEvidenceDelay(v.Reveal(evidence)); err != nil {
		wrong = append(wrong, task.Check{Parameter: evidence, Message: err.Error()})
	}
	return wrong
}

func (s *system) ready(ctx context.Context, name string) error {
	_, err := s.access(ctx, name)
	return err
}

// badCredential returns the failure for a credential that cannot be used. That is trouble on this
// machine: nothing was sent.
func badCredential(message string) *task.Failure {
	return &task.Failure{Code: task.CodeCredential, Message: message, Local: true}
}
