package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A state is the state of an instance. Its number is the low byte of the API's state code.
type state int

const (
	pending      state = 0
	running      state = 16
	shuttingDown state = 32
	terminated   state = 48
	stopping     state = 64
	stopped      state = 80
)

var stateNames = []string{"pending", "running", "shutting-down", "terminated", "stopping", "stopped"}

func stateNamed(name string) state { return state(16 * slices.Index(stateNames, name)) }

func (s state) String() string { return stateNames[s/16] }

// An instance is an EC2 instance. A state that ends by itself has a due time.
type instance struct {
	id, kind, image, keyPair string
	kernel, ramdisk, token   string
	reservation              string
	index                    int // its index in its launch
	groups                   []string
	subnet                   subnetwork
	profile                  string // the name of its instance profile; empty if it has none
	tags                     map[string]string
	monitoring               bool // detailed monitoring
	attributes
	stopHangs    bool
	failsToStart reason    // why a start ends otherwise; zero if it succeeds
	diesAtLaunch bool      // a start that fails terminates it
	checksFail   bool      // the status checks never pass
	checked      time.Time // when the status checks pass
	created      time.Time
	launched     time.Time // when it last entered pending
	visible      time.Time // the time from which other calls find it
	state        state
	due          time.Time // when the state ends; zero if it does not end by itself
	ended        time.Time // when it was terminated
	reason       reason    // why it is in its state; zero if there is no reason
	transition   string    // the same, in the form of an older member of the answers
	onlyPrivate  bool      // it never has a public address
	ipv6         string    // its IPv6 address; empty if it has none
	address      int       // number of its public address, which it has only while it is running
	private      int       // number of its private address, which it keeps
	reboots      int
}

// advance brings every instance into its state at this time.
func (c *cloud) advance(now time.Time) {
	c.now = now
	for _, i := range c.instances {
		if !i.due.IsZero() && !now.Before(i.due) {
			c.pass(i)
		}
	}
	// A client token is remembered until 24 hours after the end of the instances it launched.
	maps.DeleteFunc(c.launches, func(_ string, l *launch) bool {
		return !slices.ContainsFunc(l.instances, func(i *instance) bool { return i.state != terminated || now.Before(i.ended.Add(24*time.Hour)) })
	})
}

// pass moves an instance on from a state that is over.
func (c *cloud) pass(i *instance) {
	at := i.due
	i.due = time.Time{}
	switch i.state {
	case pending:
		if i.failsToStart != (reason{}) {
			i.fail(at)
			return
		}
		i.state, i.checked = running, at.Add(c.timing.statusChecks)
	case stopping:
		i.state = stopped
	case shuttingDown:
		i.state, i.ended = terminated, at
	}
}

// fail ends a start that does not succeed: an instance that was launched is terminated, another one
// is stopped again.
func (i *instance) fail(at time.Time) {
	i.state = stopped
	if i.diesAtLaunch {
		i.state, i.ended = terminated, at
	}
	i.reason, i.transition = i.failsToStart, i.failsToStart.code
}

// enter puts an instance into a state, and sets when that state ends. It ends with the next request
// at the earliest.
func (c *cloud) enter(i *instance, s state, why reason) {
	i.state, i.due, i.reason, i.transition = s, time.Time{}, why, ""
	if i.created.IsZero() {
		i.created = c.now
	}
	if why == userInitiated {
		i.transition = "User initiated (" + c.now.UTC().Format("2006-01-02 15:04:05") + " GMT)"
	}
	switch s {
	case pending:
		i.launched, i.due = c.now, c.now.Add(c.timing.pending)
		c.minted++
		i.address = c.minted
	case running:
		c.minted++
		i.address = c.minted
	case stopping:
		if !i.stopHangs {
			i.due = c.now.Add(c.timing.stopping)
		}
	case shuttingDown:
		i.due = c.now.Add(c.timing.shuttingDown)
	case terminated:
		i.ended = c.now
	}
}

// A reason is why an instance is in its state.
type reason struct{ code, text string }

var userInitiated = reason{"Client.UserInitiatedShutdown", "User initiated shutdown"}

// reasonOf splits a text in EC2's form, "CODE: text".
func reasonOf(text string) reason {
	code, words, _ := strings.Cut(text, ": ")
	return reason{code, words}
}

// isVisible reports whether calls find an instance. The call that launches it returns it in any
// case.
func (c *cloud) isVisible(i *instance) bool {
	gone := i.state == terminated && !c.now.Before(i.ended.Add(c.timing.terminatedVisible))
	return !gone && !c.now.Before(i.visible)
}

// find returns the instances with these identifiers, in the same order.
func (c *cloud) find(ids []string) ([]*instance, *refusal) {
	var found []*instance
	var missing []string
	for _, id := range ids {
		n := slices.IndexFunc(c.instances, func(i *instance) bool { return i.id == id && c.isVisible(i) })
		switch {
		case n < 0:
			missing = append(missing, id)
		case !slices.Contains(found, c.instances[n]):
			found = append(found, c.instances[n])
		}
	}
	switch len(missing) {
	case 0:
		return found, nil
	case 1:
		return nil, newRefusal("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", missing[0])
	default:
		return nil, newRefusal("InvalidInstanceID.NotFound", "The instance IDs '%s' do not exist", strings.Join(missing, ", "))
	}
}

func (i *instance) publicIP() string {
	if i.state != running || i.onlyPrivate {
		return ""
	}
	// The networks that RFC 5737 reserves for documentation: 203.0.113.0/24, then 198.51.100.0/24,
	// then again.
	nets := []string{"203.0.113.", "198.51.100."}
	n := i.address - 1
	return nets[n/254%len(nets)] + strconv.Itoa(1+n%254)
}

func (i *instance) publicDNS() string {
	if ip := i.publicIP(); ip != "" {
		return "ec2-" + strings.ReplaceAll(ip, ".", "-") + ".compute-1.amazonaws.com"
	}
	return ""
}

func (i *instance) privateIP() string {
	if i.state == terminated {
		return ""
	}
	return fmt.Sprintf("10.0.%d.%d", i.private/250%256, 4+i.private%250)
}

func (i *instance) privateDNS() string {
	if ip := i.privateIP(); ip != "" {
		return "ip-" + strings.ReplaceAll(ip, ".", "-") + ".ec2.internal"
	}
	return ""
}

// newCloud returns the account of a world.
func newCloud(w *world, now time.Time) *cloud {
	c := &cloud{
		now: now, timing: w.timing, launchesDie: w.launchesDie, onlyPrivate: w.onlyPrivate, images: w.images, keyPairs: w.keyPairs, groups: w.groups,
		limit: w.instanceLimit, vcpuLimit: w.vcpuLimit, launches: map[string]*launch{}, noDefaultVPC: w.noDefaultVPC, tags: map[string]map[string]string{},
		subnets: w.subnets, templates: w.templates, profiles: w.profiles,
	}
	for _, seed := range w.instances {
		i := &instance{
			id: seed.id, kind: seed.kind, image: seed.image, keyPair: seed.keyPair, groups: seed.groups, tags: seed.tags,
			attributes: attributes{protected: seed.protected, stopProtected: seed.stopProtected}, stopHangs: seed.stopHangs, failsToStart: seed.fallsBack, checksFail: seed.checksFail,
			onlyPrivate: w.onlyPrivate || seed.onlyPrivate, ipv6: seed.ipv6, subnet: seed.subnet,
			launched: now, visible: now, checked: now,
			reservation: c.mint("r-"), private: len(c.instances),
		}
		if len(i.groups) == 0 {
			i.groups = c.defaultGroup()
		}
		c.instances = append(c.instances, i)
		c.enter(i, seed.state, reason{})
	}
	return c
}

// mint returns a new identifier.
func (c *cloud) mint(prefix string) string {
	for {
		c.minted++
		id := fmt.Sprintf("%s0fa11bac0ffee%04x", prefix, c.minted)
		if !slices.ContainsFunc(c.instances, func(i *instance) bool { return i.id == id || i.reservation == id }) {
			return id
		}
	}
}

func (c *cloud) defaultGroup() []string { return c.groups[:min(1, len(c.groups))] }

func (c *cloud) state() []Instance {
	all := []Instance{}
	for _, i := range c.instances {
		all = append(all, Instance{
			ID: i.id, State: i.state.String(), Type: i.kind, Image: i.image, Reservation: i.reservation, Tags: maps.Clone(i.tags),
			ClientToken: i.token, KeyPair: i.keyPair, Groups: slices.Clone(i.groups), Monitoring: i.monitoring,
			Subnet: i.subnet.id, InstanceProfile: i.profile, UserData: plainUserData(i.userData),
			PublicDNS: i.publicDNS(), PublicIP: i.publicIP(), Reboots: i.reboots,
		})
	}
	return all
}
