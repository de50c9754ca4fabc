package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"errand/engine/service"
	"errand/engine/task"
)

// A Credential is a stored credential of a connector, without its values: no page has them.
type Credential struct {
	Connector, Name string
	Added, Edited   time.Time
	Validated       time.Time // when it was last tested with success; zero if never, or if it was edited since
	Used            time.Time // when a connector last used it; zero if that is not known
}

// A credentialsPage lists the credentials of the connectors.
type credentialsPage struct {
	frame
	Connectors []connectorCredentials
}

// connectorCredentials are the credentials of a connector.
type connectorCredentials struct {
	task.Connector
	Rows []credentialRow
}

// A credentialRow is a credential: one that is stored, one that a workflow uses, or the default one.
type credentialRow struct {
	Credential
	Stored    bool
	State     state
	Reason    string   // why it cannot be used
	Workflows []string // those that use it
}

// readyLasts is how long the page waits for the connectors, which may ask a service of this machine.
const readyLasts = 5 * time.Second

// showCredentials lists the credentials by connector, each with whether it can be used now.
func showCredentials(c *Console, v *visit) error {
	p := credentialsPage{frame: c.frame(v, "Credentials")}
	var stored []Credential
	if c.Credentials != nil {
		var err error
		if stored, err = c.Credentials(v.context()); err != nil {
			p.Refusal = &service.Problem{Detail: "the stored credentials cannot be listed: " + err.Error(), Hint: c.Program + " credentials list says more, on the machine of the service"}
		}
	}
	ctx, cancel := context.WithTimeout(v.context(), readyLasts)
	defer cancel()
	for _, connector := range c.Registry.Connectors() {
		if len(connector.Credential) == 0 {
			continue
		}
		of := connectorCredentials{Connector: connector}
		for _, row := range c.credentialsOf(connector, stored) {
			row.State, row.Reason = readiness(ctx, connector, row)
			of.Rows = append(of.Rows, row)
		}
		p.Connectors = append(p.Connectors, of)
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// credentialsOf returns the rows of a connector, by name.
func (c *Console) credentialsOf(connector task.Connector, stored []Credential) []credentialRow {
	rows := map[string]*credentialRow{}
	row := func(name string) *credentialRow {
		if rows[name] == nil {
			rows[name] = &credentialRow{Credential: Credential{Connector: connector.Name, Name: name}}
		}
		return rows[name]
	}
	for _, s := range stored {
		if s.Connector == connector.Name {
			of := row(s.Name)
			of.Credential, of.Stored = s, true
		}
	}
	for _, name := range c.Workflows.Names() {
		workflow, ok := c.Workflows.Workflow(name)
		if !ok {
			continue
		}
		for _, used := range workflow.Credentials {
			if used.Connector == connector.Name {
				of := row(used.Name)
				of.Workflows = append(of.Workflows, name)
			}
		}
	}
	var sorted []credentialRow
	for _, r := range rows {
		sorted = append(sorted, *r)
	}
	slices.SortFunc(sorted, func(a, b credentialRow) int { return strings.Compare(a.Name, b.Name) })
	return sorted
}

// readiness reports whether a credential can be used now, and why not.
func readiness(ctx context.Context, connector task.Connector, r credentialRow) (state, string) {
	if connector.Ready != nil {
		if err := connector.Ready(ctx, r.Name); err != nil {
			return marked("cannot be used", "bad"), reasonOf(err)
		}
	}
	switch {
	case r.Stored:
		return marked("can be used", "good"), ""
	case r.Name == task.DefaultCredential:
		return marked("from the environment", "good"), ""
	}
	return marked("is not stored", "bad"), ""
}

// reasonOf returns an error of a connector for people.
func reasonOf(err error) string {
	if f, ok := errors.AsType[*task.Failure](err); ok {
		return f.ForOperators()
	}
	return err.Error()
}
