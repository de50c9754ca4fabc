package intake

import (
	"context"
	"slices"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
)

// A Directory finds the persons for whom service requests are, at the desks that workflows use.
type Directory struct{ Registry *task.Registry }

// Requesters returns the persons whom a service request names at each desk that a program uses, each
// once. A program that uses none has no requesters. The error is the desk's.
func (d Directory) Requesters(ctx context.Context, p *program.Program, request string) ([]string, error) {
	if request == "" {
		return nil, nil
	}
	var persons []string
	for _, used := range p.Credentials {
		connector, ok := d.Registry.Connector(used.Connector)
		if !ok || connector.Desk == nil {
			continue
		}
		named, err := connector.Desk.Requesters(ctx, used.Name, request)
		if err != nil {
			return nil, err
		}
		for _, person := range named {
			if !slices.ContainsFunc(persons, func(known string) bool { return engine.SameName(known, person) }) {
				persons = append(persons, person)
			}
		}
	}
	return persons, nil
}
