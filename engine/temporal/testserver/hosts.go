package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"

	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
)

const loopback = "127.0.0.1"

// Free ports are chosen from this range. It is below the ephemeral ports of Linux, macOS and Windows:
// one of those could belong to an outgoing connection when a killed server is started again, even to
// a client that tries to reach the server and gets connected to itself.
const firstPort, lastPort = 20000, 32767

// hosts has the port of each service. Temporal usually finds its members by what they wrote to the
// database, and waits for those of a killed process: a new process then needs a minute until timers
// fire, or ends with an error. The hosts of a single process are known, so they are given instead.
type hosts map[primitives.ServiceName]int

// chooseHosts returns free ports. If port is not 0, the frontend gets that one.
func chooseHosts(port int) (hosts, error) {
	chosen := hosts{}
	for _, service := range []primitives.ServiceName{primitives.FrontendService, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService} {
		if service == primitives.FrontendService && port != 0 {
			chosen[service] = port
			continue
		}
		listener, err := listen()
		if err != nil {
			return nil, err
		}
		// Each listener stays open until all ports are chosen, so that they differ.
		defer func() { _ = listener.Close() }()
		chosen[service] = listener.Addr().(*net.TCPAddr).Port
	}
	return chosen, nil
}

// listen listens on a free port.
func listen() (net.Listener, error) {
	var problem error
	for range 100 {
		listener, err := net.Listen("tcp", address(firstPort+rand.IntN(lastPort-firstPort+1)))
		if err == nil {
			return listener, nil
		}
		problem = err
	}
	return nil, fmt.Errorf("no free port was found between %d and %d: %w", firstPort, lastPort, problem)
}

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// frontend returns the address for clients.
func (h hosts) frontend() string { return address(h[primitives.FrontendService]) }

// members returns the hosts as the server wants them.
func (h hosts) members() map[primitives.ServiceName]static.Hosts {
	members := map[primitives.ServiceName]static.Hosts{}
	for service, port := range h {
		members[service] = static.SingleLocalHost(address(port))
	}
	return members
}
