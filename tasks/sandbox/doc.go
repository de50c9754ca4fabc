// Package sandbox simulates an Amazon EC2 and an Intelligent Service Management (ISM) in the
// process.
//
// Both use their real protocols over HTTP, so every client of the real systems works with them. The
// EC2 side answers the EC2 Query API (a form-encoded POST, XML back, version 2016-11-15). The ISM
// side answers the REST web service under /csmconnector. Both are written from the vendors'
// documentation and not from any client. If the documentation does not say how a system behaves,
// the comment says "assumed".
//
// A sandbox starts with a world, and its requests change it. It is deterministic: identifiers come
// from counters, the time from the given clock, and nothing happens between two requests. The same
// requests at the same times get exactly the same answers. An instance that was started becomes
// running with the first request after its time in the state pending has passed.
//
// Limits: The sandbox does not verify signatures; any credentials that are not empty are accepted. It
// knows only the actions listed in ec2.go and the resources listed in ism.go. It refuses other actions,
// parameters and filters instead of ignoring them, with a code of its own, SandboxLimit: the real systems
// may know them. It has one region, one VPC with a subnet in each zone and those of the world, and the
// root volumes of its instances. It launches t1.micro, which most real accounts no longer can.
//
// # The world
//
// A world is a JSON object. Every key is optional. A key that is left out at the top has its value in
// the default world (default_world.json); below, the default is in parentheses.
//
//	tickets          id; type (Service Request); status (New); description; further attributes under
//	                 the web service's names, such as RequesterUserName or Priority; worklogs: a
//	                 list of {type (Update), text}; assets: identifiers of the assets related to it
//	instances        id; state (running); instance_type (t3.micro); image (the first); name, which
//	                 is the tag Name; tags; key_pair; security_groups (the default group); subnet (the
//	                 first); ipv6_address; start_falls_back: a start ends as stopped, for this reason;
//	                 checks_fail: the status checks never pass; stop_hangs: a stop never ends unless it is forced;
//	                 private: it has no public address; stop_protection; termination_protection
//	images           identifiers; those that instances name need not be repeated
//	key_pairs        names
//	security_groups  identifiers; the first is the default group
//	subnets          id; zone (us-east-1a); vpc (the one that every account has): those besides the
//	                 subnet that every account has in each zone
//	launch_templates id; name; versions: how many there are, which all say the same (1); image;
//	                 instance_type; key_pair; security_groups; subnet; instance_profile; user_data;
//	                 detailed_monitoring
//	instance_profiles  names
//	assets           identifier; name; class; category; type; item; description; owner; function;
//	                 location; organization; site; environment; ip_address; status (Active);
//	                 attributes: any others, by name
//	timing           pending (20s), stopping (30s), shutting_down (40s): how long these states last;
//	                 status_checks (1m): how long a started instance runs before they pass;
//	                 visible_after (0s): how long other calls do not find a new instance;
//	                 terminated_visible (1h): how long they find a terminated one
//	limits           instances, vcpus: how many the account may have (no limit)
//	launches_die     a reason, such as "Client.InternalError: Client error on launch", for which every
//	                 launch ends as terminated
//	private_network  no instance has a public address (false)
//	default_vpc      the account has a default VPC, so a launch needs no subnet (true)
//	edition          service-management, or service-desk, which has no assets (service-management)
//	inactive_assets  listed, or unlisted: lists of assets then have the active ones only (listed)
//	faults           deliberate failures
//
// # Faults
//
// A fault names the requests that it applies to, and has exactly one kind:
//
//	{"system": "ec2", "action": "StartInstances", "throttle": 2}
//	{"system": "ism", "action": "POST Worklog", "lose_reply": 1, "after": 1}
//	{"system": "ec2", "action": "*", "error": "IncorrectInstanceState", "times": 3}
//
// system is ec2 or ism. action is an EC2 action, or a method and a resource of ISM ("PUT Ticket";
// the action that relates an asset to a ticket is "POST Ticket/ConfigurationItem"), or "*" for any,
// which is the default. The kinds, each with the number of requests that it applies to:
//
//	refuse        the connection is refused
//	unavailable   503, with a body that no client can read
//	throttle      ec2 only: 503 RequestLimitExceeded
//	lock          ism only: somebody else is editing the record; "status" sets the HTTP status (400)
//	error_in_200  ism only: HTTP status 200, and an error in the envelope
//	accept        ism only, for a change: the answer says "Success", and the change is not made
//	error         a code of EC2, or a text of ISM; "times" sets the number of requests (1), "status"
//	              the HTTP status (the code's own; 500 for ISM), and, for ec2, "message" the text
//	web_page      200, with a log-in page in place of an answer
//	lose_reply    the request takes effect, and its reply never arrives
//
// With every kind but lose_reply the request has no effect, unless "takes_effect" says when it has
// one: "0s" before the answer, "3s" three seconds after it, as behind a gateway that gave up. It
// applies to the kinds that do not prove the opposite: unavailable, error_in_200, accept, error,
// web_page and lose_reply.
//
// "after" lets that many matching requests pass first. If several faults match a request, the first
// one that is not used up applies.
//
// # Files
//
// In reading order:
//
//	sandbox.go        the Sandbox, its handlers, and the way of one request
//	transport.go      a RoundTripper that reaches both systems without a socket
//	credentials.go    credentials for connectors that act on the sandbox
//	handler.go        both systems behind one listener
//	state.go          a snapshot of everything
//	world.go          the world; value.go and nearest.go read it strictly, identifier.go has the
//	                  forms of identifiers
//	fault.go          deliberate failures
//	ec2.go            the EC2 Query protocol: actions, authentication, answers
//	ec2_error.go      EC2's error codes and their HTTP statuses
//	ec2_params.go     reading the parameters of an action
//	ec2_instance.go   an instance and its life cycle
//	ec2_launch.go     RunInstances: checks, client tokens, limits; instance_type.go has the sizes of
//	                  instance types
//	ec2_template.go   launch templates, ec2_subnet.go the subnet of a launch, and ec2_profile.go the
//	                  instance profile
//	ec2_change.go     StartInstances, StopInstances, TerminateInstances, RebootInstances
//	ec2_describe.go   DescribeInstances and DescribeInstanceStatus; ec2_filter.go has their filters
//	                  and pages
//	ec2_attribute.go  DescribeInstanceAttribute, ModifyInstanceAttribute
//	ec2_listing.go    how other resources are described: identifiers, filters, pages
//	ec2_resources.go  DescribeImages, DescribeKeyPairs, DescribeSecurityGroups
//	ec2_network.go    DescribeVpcs, DescribeSubnets
//	ec2_zone.go       DescribeRegions, DescribeAvailabilityZones
//	ec2_volume.go     DescribeVolumes
//	ec2_instance_type.go  DescribeInstanceTypes
//	ec2_tags.go       CreateTags, DeleteTags, DescribeTags
//	ec2_xml.go        the elements of the answers
//	sts.go            GetCallerIdentity of the Security Token Service
//	ism.go            the ISM envelope, headers and routes
//	ism_ticket.go     tickets and service requests; ism_person.go has what a test changes of them
//	ism_worklog.go    worklogs
//	ism_asset.go      configuration items, and their relation to a ticket
//	ism_filter.go     the filter and the paging of a list
package sandbox
