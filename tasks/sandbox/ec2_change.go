package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// A change is how one instance went from a state to another in one call.
type change struct {
	id       string
	from, to state
}

// startInstances starts stopped instances. Starting one that runs, or is about to, changes nothing.
func (c *cloud) startInstances(p *params) (response, string, *refusal) {
	ids := p.instances()
	return c.change(p, ids, from("started", pending, running, stopped), func(i *instance) {
		if i.state == stopped {
			c.enter(i, pending, "")
		}
	})
}

// stopInstances stops running instances. Stopping one that is stopped, or is about to be, changes nothing; Force ends a stop
// that hangs. That one which is still pending cannot be stopped is assumed.
func (c *cloud) stopInstances(p *params) (response, string, *refusal) {
	ids, force := p.instances(), p.boolean("Force")
	return c.change(p, ids, from("stopped", running, stopping, stopped), func(i *instance) {
		if i.state == running {
			c.enter(i, stopping, c.userInitiated())
		}
		if i.state == stopping && force {
			i.due = c.now // looks stopped from the next request on
		}
	})
}

// terminateInstances terminates instances in whatever state. One that is stopped has nothing left to shut down,
// and is terminated at once: assumed.
func (c *cloud) terminateInstances(p *params) (response, string, *refusal) {
	ids := p.instances()
	return c.change(p, ids, unprotected, func(i *instance) {
		switch i.state {
		case stopped:
			c.enter(i, terminated, c.userInitiated())
		case pending, running, stopping:
			c.enter(i, shuttingDown, c.userInitiated())
		}
	})
}

// rebootInstances queues a reboot, and says nothing of a state. EC2 ignores a request for a terminated instance; that
// it refuses one for an instance that is stopped, or is changing its state, is assumed.
func (c *cloud) rebootInstances(p *params) (response, string, *refusal) {
	ids := p.instances()
	_, _, refusal := c.change(p, ids, from("rebooted", running, shuttingDown, terminated), func(i *instance) {
		if i.state == running {
			i.reboots++
		}
	})
	if refusal != nil {
		return nil, "", refusal
	}
	return &returnXML{Return: true}, "true", nil
}

// from allows what can be done to an instance in one of some states.
func from(verb string, allowed ...state) func(*instance) *refusal {
	return func(i *instance) *refusal {
		if slices.Contains(allowed, i.state) {
			return nil
		}
		return refused("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be %s.", i.id, verb)
	}
}

// unprotected allows a termination in every state, except where the instance is protected from it.
func unprotected(i *instance) *refusal {
	if !i.protected {
		return nil
	}
	return refused("OperationNotPermitted", "The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.", i.id)
}

// change does something to each of some instances, or to none where it is not allowed for one of them.
func (c *cloud) change(p *params, ids []string, allow func(*instance) *refusal, do func(*instance)) (response, string, *refusal) {
	if refusal := p.done(); refusal != nil {
		return nil, "", refusal
	}
	found, refusal := c.find(ids)
	if refusal != nil {
		return nil, "", refusal
	}
	for _, i := range found {
		if refusal := allow(i); refusal != nil {
			return nil, "", refusal
		}
	}
	var changes []change
	var said []string
	for _, i := range found {
		before := i.state
		do(i)
		changes = append(changes, change{i.id, before, i.state})
		said = append(said, fmt.Sprintf("%s -> %s", before, i.state))
	}
	return changesXML(changes), strings.Join(said, ", "), nil
}

func (c *cloud) userInitiated() string {
	return "User initiated (" + c.now.UTC().Format("2006-01-02 15:04:05") + " GMT)"
}
