package cmd_test

import "strings"

// forms are workflows with the forms of steps that no shipped workflow has.
var forms = []workflow{
	{ // a loop whose items run in parallel, and may fail
		name:    "nightly-stop",
		inputs:  []string{`instance_ids=["i-0a1b2c3d4e5f60001","i-0a1b2c3d4e5f60002","i-0a1b2c3d4e5f6dead","i-0a1b2c3d4e5f60003"]`},
		world:   fleet,
		effects: []string{"StopInstances", "StopInstances", "POST Worklog", "POST Worklog", "PUT Ticket"}, parallel: true,
	},
	{ // a switch, an approval, and a loop with effects that can be neither repeated nor looked up
		name:    "restart-fleet",
		inputs:  []string{`instance_ids=["i-0a1b2c3d4e5f60002","i-0a1b2c3d4e5f60003","i-0a1b2c3d4e5f60004"]`},
		world:   fleet,
		effects: []string{"RebootInstances", "RebootInstances", "RebootInstances", "POST Worklog", "PUT Ticket"}, parallel: true,
		decides: []string{"small"},
		reboots: map[string]string{
			"fleet[0].restart": "i-0a1b2c3d4e5f60002", "fleet[1].restart": "i-0a1b2c3d4e5f60003", "fleet[2].restart": "i-0a1b2c3d4e5f60004",
		},
	},
	{ // branches, one of which only reads
		name:    "../examples/workflows/provision-with-undo.yaml",
		inputs:  []string{"ami_id=ami-0a1b2c3d4e5f60000", "instance_name=build-7"},
		world:   provisioned,
		effects: []string{"RunInstances", "POST ConfigurationItem", "POST Ticket/100-291/ConfigurationItem", "POST Worklog", "PUT Ticket"},
	},
	{ // the same with a last step that fails: undo, then on_failure
		name:   "../examples/workflows/provision-with-undo.yaml",
		inputs: []string{"ami_id=ami-0a1b2c3d4e5f60000", "instance_name=build-7"},
		world:  provisioned + neverCloses,
		effects: []string{
			"RunInstances", "POST ConfigurationItem", "POST Ticket/100-291/ConfigurationItem", "POST Worklog", "PUT Ticket",
			"PUT ConfigurationItem", "TerminateInstances", "POST Worklog", "POST Worklog",
		},
		refused: "PUT Ticket", code: 1,
	},
	{ // effects in both branches, in a case of a switch and in a workflow that is called; finally
		name:   "testdata/kill/side-by-side.yaml",
		inputs: []string{"start=i-0a1b2c3d4e5f60001", "stop=i-0a1b2c3d4e5f60002", "mode=start"},
		world:  lasting,
		effects: []string{
			"StartInstances", "POST ConfigurationItem", "StopInstances", "PUT ConfigurationItem", "POST Ticket/100-291/ConfigurationItem",
			"POST Worklog", "PUT Ticket",
		},
		parallel: true,
	},
	{ // the other case of the switch; a step fails, and the called workflow is undone
		name:   "testdata/kill/side-by-side.yaml",
		inputs: []string{"start=i-0a1b2c3d4e5f60001", "stop=i-0a1b2c3d4e5f60002", "mode=retire"},
		world:  lasting + strings.ReplaceAll(neverCloses, "PUT Ticket", "POST Worklog"),
		effects: []string{
			"TerminateInstances", "POST ConfigurationItem", "StopInstances", "PUT ConfigurationItem", "POST Ticket/100-291/ConfigurationItem",
			"POST Worklog", "PUT ConfigurationItem", "PUT Ticket",
		},
		parallel: true, refused: "POST Worklog", code: 1,
	},
	{ // a poll with several looks, a step that is tried again, one that fails and has on_failure, and a group with a fail
		name: "testdata/kill/looks.yaml", world: lasting + "faults: [{system: ec2, action: StopInstances, throttle: 1}]\n",
		effects: []string{"PUT ConfigurationItem", "POST ConfigurationItem", "StopInstances", "StopInstances", "PUT Ticket"},
		repeats: []string{"stopped", "stop"}, refused: "PUT ConfigurationItem",
	},
	{ // approvals in a loop, two at a time; undo of their steps, on_failure and finally
		name:   "testdata/kill/retire-assets.yaml",
		inputs: []string{`assets=["one","two","three"]`},
		world: `
tickets: [{id: 100-291, status: New}]
assets: [{identifier: one}, {identifier: two}, {identifier: three}]
` + neverCloses,
		effects: []string{
			"PUT ConfigurationItem", "PUT ConfigurationItem", "PUT ConfigurationItem", "PUT Ticket",
			"PUT ConfigurationItem", "PUT ConfigurationItem", "PUT ConfigurationItem", "POST Worklog", "POST Worklog",
		},
		decides: []string{"each[0].ok", "each[1].ok", "each[2].ok"},
		refused: "PUT Ticket", code: 1,
	},
}

// fleet is the world lasting with two more instances.
var fleet = strings.Replace(lasting, "images:", `  - {id: i-0a1b2c3d4e5f60003, state: running}
  - {id: i-0a1b2c3d4e5f60004, state: running}
images:`, 1)

// provisioned is a world in which a new instance runs at once, and its termination takes an hour.
var provisioned = strings.Replace(quick, "shutting_down: 0s", "shutting_down: 1h", 1)

// neverCloses makes a world refuse to close the request.
const neverCloses = `
faults: [{system: ism, action: PUT Ticket, error: it is under review, times: 99, status: 400}]
`
