package ism

import "errand/engine/task"

// What the web service's user must be allowed to do. ISM grants rights through roles that each site
// defines. There are no names for the rights that a program could use, so they are described in
// words.
var (
	readTickets   = task.Permission{Action: "read tickets"}
	changeTickets = task.Permission{Action: "change a ticket's status"}
	createTickets = task.Permission{Action: "open service requests"}
	readWorklogs  = task.Permission{Action: "read worklogs"}
	addWorklogs   = task.Permission{Action: "add worklogs"}
	readAssets    = task.Permission{Action: "read configuration items"}
	checkAssets   = task.Permission{Action: readAssets.Action, If: task.Condition{Parameter: "assets", Value: "true"}}
	createAssets  = task.Permission{Action: "create configuration items"}
	changeAssets  = task.Permission{Action: "change configuration items"}
	relateAssets  = task.Permission{Action: "relate configuration items to tickets"}
)
