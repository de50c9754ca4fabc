// Package tasks lists everything that a workflow can do: the connectors, each with its task types.
//
// To add a task type, add one file in its connector's folder and one word in the list in the
// folder's connector.go. To add a connector, add a folder and one line here.
package tasks

import (
	"errand/engine/task"
	"errand/tasks/ec2"
	"errand/tasks/ism"
	"errand/tasks/timer"
	"errand/tasks/webhook"
	"errand/tasks/worklog"
)

// Connectors returns the connectors in the order of the documentation. Nothing is read and nothing
// is connected to before a task is called.
func Connectors(env task.Environment) []task.Connector {
	return []task.Connector{
		ec2.Connector(env),
		ism.Connector(env),
		worklog.Connector(),
		timer.Connector(),
		webhook.Connector(env),
	}
}

// Registry returns a registry of the connectors' task types.
func Registry(env task.Environment) *task.Registry { return task.NewRegistry(Connectors(env)...) }
