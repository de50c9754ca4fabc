package home

import (
	"context"
	"errors"
	"slices"

	"errand/engine/program"
	"errand/engine/task"
)

// A NotReadyError says that a program uses a credential that cannot be used.
type NotReadyError struct {
	Used program.Credential
	Err  error
}

func (e *NotReadyError) Error() string { return reason(e.Err) }

// Unwrap returns Err.
func (e *NotReadyError) Unwrap() error { return e.Err }

// Ready asks each connector that a program uses whether its credential can be used. The error is a
// *NotReadyError for the first that cannot.
func Ready(ctx context.Context, registry *task.Registry, p *program.Program) error {
	for _, used := range p.Credentials {
		connector, _ := registry.Connector(used.Connector)
		if connector.Ready == nil {
			continue
		}
		if err := connector.Ready(ctx, used.Name); err != nil {
			return &NotReadyError{Used: used, Err: err}
		}
	}
	return nil
}

// Try has a connector try out a credential, which also shows whether its system can be reached. It
// returns what was found about each parameter, and whether all of it is good.
func Try(ctx context.Context, connector task.Connector, credential string) (good bool, checks []task.Check) {
	if connector.Ready != nil {
		if err := connector.Ready(ctx, credential); err != nil {
			return false, []task.Check{{Message: reason(err)}}
		}
	}
	if connector.Validate != nil {
		checks = connector.Validate(ctx, credential)
	}
	return !slices.ContainsFunc(checks, func(c task.Check) bool { return !c.OK }), checks
}

// reason is an error of a connector for people, without its code.
func reason(err error) string {
	if f, ok := errors.AsType[*task.Failure](err); ok {
		return f.ForOperators()
	}
	return err.Error()
}
