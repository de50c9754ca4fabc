// Package sandbox is an Amazon EC2 and an Intelligent Service Management (ISM) that live in the process.
//
// Both speak their real protocols over HTTP, so whatever talks to the real ones talks to these: the EC2 side answers the
// EC2 Query API (a form-encoded POST, XML back, version 2016-11-15), the ISM side answers the REST of the web service under
// /csmconnector. They are written from the vendors' documentation and not against any client; where the documentation is
// silent and a choice had to be made, the comment beside it says "assumed".
//
// A sandbox starts with a world, and changes with the requests that it gets. It is deterministic: identifiers come from
// counters, time from the given clock, and nothing happens between two requests, so that the same requests at the same
// times get the same answers, byte for byte. An instance that was started becomes running when somebody looks after its
// time has passed.
//
// What it does not do: it does not verify signatures (any credentials that are not empty are good), it knows only the
// actions of the list in ec2.go and the resources of the list in ism.go, and refuses parameters it does not know rather
// than to ignore them. It launches t1.micro, which most real accounts no longer can.
//
// # The world
//
// A world is a JSON object. Each key may be left out; what then holds is in parentheses.
//
//	tickets          id; type (Service Request); status (New); description; further attributes by the web service's own
//	                 names, such as RequesterUserName or Priority; worklogs: a list of {type (Update), text}; assets:
//	                 identifiers of the assets related to it
//	instances        id; state (running); instance_type (t3.micro); image (the first); name, which is the tag Name; tags;
//	                 key_pair; security_groups (the default group); stop_hangs: a stop never ends unless it is forced;
//	                 termination_protection
//	images           identifiers; those that instances name need not be repeated
//	key_pairs        names
//	security_groups  identifiers; the first is the default group
//	assets           identifier; name; class; category; type; item; description; owner; function; location; organization;
//	                 site; environment; ip_address; status (Active); attributes: any others, by name
//	timing           pending (20s), stopping (30s), shutting_down (40s): how long these states last; visible_after (0s): how
//	                 long other calls do not find a new instance; terminated_visible (1h): how long they find a terminated one
//	limits           instances, vcpus: how many the account may have (no limit)
//	edition          service-management, or service-desk, which has no assets (service-management)
//	faults           what goes wrong on purpose
//
// # Faults
//
// A fault names the requests that it is for, and has exactly one kind:
//
//	{"system": "ec2", "action": "StartInstances", "throttle": 2}
//	{"system": "ism", "action": "POST Worklog", "lose_reply": 1, "after": 1}
//	{"system": "ec2", "action": "*", "error": "IncorrectInstanceState", "times": 3}
//
// system is ec2 or ism. action is an EC2 action, or a method and a resource of ISM ("PUT Ticket"; relating an asset to a
// ticket is "POST Ticket/ConfigurationItem"), or "*" for any, as where it is left out. The kinds, each with the number of
// requests that it befalls:
//
//	refuse        the connection is refused
//	unavailable   503, with a body that no client can read
//	throttle      ec2 only: 503 RequestLimitExceeded
//	lock          ism only: somebody else holds the record; "status" says with which HTTP status (400)
//	error_in_200  ism only: HTTP status 200, and an error in the envelope
//	error         a code of EC2, or a text of ISM; beside it "times" says how many requests (1), "status" with which HTTP
//	              status (the code's own; 500 for ISM), and, for ec2, "message" with which text
//	lose_reply    it was done, and the reply never arrives; with every other kind nothing was done
//
// "after" lets that many matching requests pass first. Where several faults match a request, the first that is not used up
// befalls it.
//
// # Files
//
// In reading order:
//
//	sandbox.go       the Sandbox, its handlers, and what becomes of one request
//	transport.go     a RoundTripper that reaches both without a socket
//	credentials.go   credentials that lead a connector here
//	listen.go        both behind one listener
//	state.go         a snapshot of everything
//	world.go         the world; value.go and nearest.go read it strictly
//	fault.go         what can go wrong on purpose
//	ec2.go           the EC2 Query protocol: actions, authentication, answers
//	ec2_error.go     EC2's error codes and their HTTP statuses
//	ec2_params.go    reading the parameters of an action
//	ec2_instance.go  an instance and its life cycle
//	ec2_launch.go    RunInstances: checks, client tokens, limits
//	ec2_change.go    StartInstances, StopInstances, TerminateInstances, RebootInstances
//	ec2_describe.go  DescribeInstances and DescribeInstanceStatus; ec2_filter.go has their filters and pages
//	ec2_stock.go     DescribeImages, DescribeKeyPairs, DescribeSecurityGroups
//	ec2_xml.go       the elements of the answers
//	ism.go           the ISM envelope, headers and routes
//	ism_ticket.go    tickets and service requests
//	ism_worklog.go   worklogs
//	ism_asset.go     configuration items, and their relation to a ticket
//	ism_filter.go    the filter and paging of a list
package sandbox
