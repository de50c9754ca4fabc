// Command testserver is a Temporal server for the tests of Errand: the services of Temporal in one
// process, on loopback, with their database in one file. It is a module and a process of its own,
// because the server needs other versions of Temporal's libraries than Errand.
//
// When the server is ready, it prints one line of JSON, such as {"address":"127.0.0.1:23456"}. It
// stops on SIGTERM and when its standard input ends, so it never outlives the test that started it.
// A killed server continues with its file: a new process with the same file and port has all
// workflows that were acknowledged.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.temporal.io/server/common/log"
)

// options are the flags.
type options struct {
	file                 string
	port                 int
	retention            time.Duration
	suggestContinueAsNew int
	historyLimit         int
	shortestTimer        time.Duration
	logLevel             string
}

// parse reads the flags. It ends the process if they are wrong.
func parse() options {
	var o options
	flag.StringVar(&o.file, "file", "", "the file of the database; it is created if it does not exist")
	flag.IntVar(&o.port, "port", 0, "the port of the frontend; 0 means a free one")
	flag.DurationVar(&o.retention, "retention", 24*time.Hour, "how long a new file keeps closed workflows")
	flag.IntVar(&o.suggestContinueAsNew, "suggest-continue-as-new-after", 0, "the number of events after which the server suggests to continue as new; 0 means Temporal's default")
	flag.IntVar(&o.historyLimit, "history-limit", 0, "the number of events at which the server ends a workflow; 0 means Temporal's default")
	flag.DurationVar(&o.shortestTimer, "shortest-timer", 0, "about how long a timer takes that is set to less; 0 means Temporal's default, a second")
	flag.StringVar(&o.logLevel, "log", "error", "the least level that is logged to standard error: debug, info, warn, error or fatal")
	flag.Parse()
	if o.file == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	return o
}

func main() {
	if err := run(parse(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testserver:", err)
		os.Exit(1)
	}
}

// run starts the server, reports that it is ready, and stops it on a signal or when input ends.
func run(o options, input io.Reader, output io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, ended := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, input)
		ended()
	}()
	hosts, err := chooseHosts(o.port)
	if err != nil {
		return err
	}
	if err := prepare(o.file, o.retention); err != nil {
		return err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: o.logLevel}))
	server, err := newServer(o, hosts, logger)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	if err := json.NewEncoder(output).Encode(map[string]string{"address": hosts.frontend()}); err != nil {
		return err
	}
	<-ctx.Done()
	stop() // a second signal ends the process at once
	return server.Stop()
}
