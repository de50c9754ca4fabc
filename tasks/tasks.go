// Package tasks is the list of everything a workflow can do: the connectors, each with its task types.
//
// A new task type is one file in its connector's folder and one word in the list of that folder's connector.go. A new connector
// is a folder and one line here.
package tasks

import (
	"errand/engine/task"
	"errand/tasks/ec2"
	"errand/tasks/ism"
	"errand/tasks/timer"
	"errand/tasks/worklog"
)

// Connectors lists the connectors in the order of the documentation. Nothing is read or connected to until a task is called.
func Connectors(env task.Environment) []task.Connector {
	return []task.Connector{
		ec2.Connector(env),
		ism.Connector(env),
		worklog.Connector(),
		timer.Connector(),
	}
}

// Registry collects the connectors' task types.
func Registry(env task.Environment) *task.Registry { return task.NewRegistry(Connectors(env)...) }
