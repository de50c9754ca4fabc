package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// A change is the transition of one instance from a state to another in one call.
type change struct {
	id       string
	from, to state
}

// startInstances starts stopped instances. It does not change an instance that is running or
// pending.
func (c *cloud) startInstances(p *params) (response, string, *refusal) {
	ids := p.instances()
	return c.change(p, ids, allowIn("started", pending, running, stopped), func(i *instance) {
		if i.state == stopped {
			c.enter(i, pending, reason{})
		}
	})
}

// stopInstances stops running instances. It does not change an instance that is stopped or
// stopping, but Force ends a stop that hangs. Assumed: a pending instance cannot be stopped.
func (c *cloud) stopInstances(p *params) (response, string, *refusal) {
	ids, force := p.instances(), p.boolean("Force")
	return c.change(p, ids, allowStop, func(i *instance) {
		if i.state == running {
			c.enter(i, stopping, userInitiated)
		}
		if i.state == stopping && force {
			i.due = c.now // it is stopped when the next request arrives
		}
	})
}

// terminateInstances terminates instances in any state. Assumed: a stopped instance is terminated
// at once, because there is nothing to shut down.
func (c *cloud) terminateInstances(p *params) (response, string, *refusal) {
	ids := p.instances()
	return c.change(p, ids, allowTermination, func(i *instance) {
		switch i.state {
		case stopped:
			c.enter(i, terminated, userInitiated)
		case pending, running, stopping:
			c.enter(i, shuttingDown, userInitiated)
		}
	})
}

// rebootInstances queues a reboot and returns no state. EC2 ignores a request for a terminated
// instance. Assumed: it refuses a request for an instance that is stopped or is changing its state.
func (c *cloud) rebootInstances(p *params) (response, string, *refusal) {
	ids := p.instances()
	_, _, refusal := c.change(p, ids, allowIn("rebooted", running, shuttingDown, terminated), func(i *instance) {
		if i.state == running {
			i.reboots++
		}
	})
	if refusal != nil {
		return nil, "", refusal
	}
	return &returnXML{Return: true}, "true", nil
}

// allowIn returns a check that an instance is in one of these states. verb says in the refusal what
// cannot be done to the instance.
func allowIn(verb string, allowed ...state) func(*instance) *refusal {
	return func(i *instance) *refusal {
		if slices.Contains(allowed, i.state) {
			return nil
		}
		return newRefusal("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be %s.", i.id, verb)
	}
}

// allowStop checks that an instance is not protected against a stop, and is in a state from which it
// can be stopped. Force does not override the protection.
func allowStop(i *instance) *refusal {
	if i.stopProtected {
		return newRefusal("OperationNotPermitted", "The instance '%s' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.", i.id)
	}
	return allowIn("stopped", running, stopping, stopped)(i)
}

// allowTermination checks that an instance is not protected against termination. Its state does not
// matter.
func allowTermination(i *instance) *refusal {
	if !i.protected {
		return nil
	}
	return newRefusal("OperationNotPermitted", "The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.", i.id)
}

// change calls do for each of these instances, or for none if allow refuses one of them.
func (c *cloud) change(p *params, ids []string, allow func(*instance) *refusal, do func(*instance)) (response, string, *refusal) {
	if refusal := p.finish(); refusal != nil {
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
