package cmd

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"errand/engine"
	"errand/engine/alert"
	"errand/engine/catalog"
	"errand/engine/diag"
	"errand/engine/home"
	"errand/engine/intake"
	"errand/engine/metrics"
	"errand/engine/observe"
	"errand/engine/service"
	"errand/engine/task"
	"errand/engine/trace"
)

// serviceParts are what a service consists of.
type serviceParts struct {
	*serveCommand
	home   serviceHome
	flows  *catalog.Catalog
	log    *slog.Logger
	retain time.Duration // 0: nothing is deleted
	signIn signIn

	at      *home.Home
	taker   intake.Taker // nil: the runner takes no tickets
	figures *metrics.Metrics
	tracer  *trace.Tracer
	beside  []func(context.Context)
}

// servable is what a service needs of a runner. With an intake.Taker it also takes tickets, and with an
// engine.Pruner it deletes old records.
type servable interface {
	service.Runner
	engine.Worker
	engine.Counter
}

// process puts the parts together. Nothing runs yet.
func (p *serviceParts) process(ctx context.Context) (*service.Process, error) {
	runner, ok := p.home.Runner.(servable)
	if !ok {
		return nil, &Exit{Code: ExitConfiguration, Message: "the runs of this home cannot be served"}
	}
	var err error
	if p.at, err = p.serveCommand.home(); err != nil {
		return nil, err
	}
	key, err := p.at.ServiceKey()
	if err != nil {
		return nil, &Exit{Code: ExitConfiguration, Message: err.Error(), Hint: "check the folder of the home"}
	}
	if p.tracer, err = trace.New(ctx, p.getenv, release(), p.log); err != nil {
		return nil, &Exit{Code: ExitConfiguration, Message: err.Error()}
	}
	p.figures = metrics.New(p.home.Registry.Names())
	p.home.Observe(p.figures.Transaction)
	hooks := p.intake(runner)
	p.alerting(runner)
	if err := p.retaining(runner); err != nil {
		return nil, err
	}
	p.reloading()
	p.beside = append(p.beside, p.warnUnready)
	server := service.New(service.Config{
		Runner: runner, Registry: p.home.Registry, Workflows: p.flows, Tokens: p.home.tokens, Audit: p.home.audit, Pauses: p.home.pauses, Hooks: hooks,
		Key: key, Log: p.log, Release: release(), Metrics: p.figures.Handler(metrics.Source{Runs: runner, Workflows: p.flows}), Rate: service.Rate{PerSecond: p.rate}, PublicURL: p.publicURL,
	})
	watcher := observe.New(observe.LogRuns(p.log), p.figures.Observe, p.tracer.Observe)
	return &service.Process{
		Server: server, HTTP: service.HTTPServer(p.console(server).Handler(), p.log), Worker: p.worker(runner), Watch: watcher.Watch, Manager: service.Manager{Log: p.log},
		Drain: p.drain, Log: p.log, Beside: p.beside,
	}, nil
}

// worker returns what carries on the runs: workers of their own, or this process.
func (p *serviceParts) worker(runner engine.Worker) engine.Worker {
	if p.hasWorkers() {
		return idle{}
	}
	return runner
}

// idle is a worker that leaves the runs to others.
type idle struct{}

// Work implements engine.Worker.
func (idle) Work(ctx context.Context, _ bool, _ engine.Watch) error {
	<-ctx.Done()
	return nil
}

// intake returns what takes the messages of webhooks, nil if there is nothing, and adds what asks the desk for tickets.
func (p *serviceParts) intake(runner servable) service.Hooks {
	var ok bool
	if p.taker, ok = runner.(intake.Taker); !ok {
		for _, source := range p.flows.Sources() {
			p.warnNoIntake(source.File)
		}
		return nil
	}
	note, err := intake.NoteProgram(p.home.Registry)
	if err != nil { // this program has no ticketing system
		p.log.Warn("there is no intake", slog.Any("error", err))
		return nil
	}
	clerk := &intake.Clerk{
		Taker: p.taker, Pauses: p.home.pauses, Note: note, NewRun: newRunID, PublicURL: p.publicURL,
		Watch: intake.Watch{Outcome: p.tookTicket, Outage: p.lostSource},
	}
	desk := intake.DeskOf(p.home.Registry, p.flows.Sources)
	p.beside = append(p.beside, func(ctx context.Context) { clerk.Work(ctx, desk) })
	return intake.Receiver{Clerk: clerk, Environment: p.environment(), Sources: p.flows.Sources}
}

// warnNoIntake says that the rules of a file are not followed.
func (p *serviceParts) warnNoIntake(file string) {
	p.log.Warn("this service takes no tickets, so the rules of intake start nothing; another program must start the runs, with POST /v1/runs", slog.String("file", file))
}

func (p *serviceParts) environment() task.Environment {
	return task.Environment{Credentials: p.at.Credentials}
}

// tookTicket shows what became of a ticket.
func (p *serviceParts) tookTicket(o intake.Outcome) {
	p.figures.IntakeTicket(o.Source, string(o.Result))
	level := slog.LevelInfo
	switch o.Result {
	case intake.Ignored:
		level = slog.LevelDebug
	case intake.Failed, intake.Conflict, intake.Unfit:
		level = slog.LevelWarn
	}
	attributes := []slog.Attr{slog.String("source", o.Source), slog.String("result", string(o.Result)), slog.String("ticket", o.Ticket), slog.String("rule", o.Rule), slog.String("run", o.Run)}
	if o.Message != "" {
		attributes = append(attributes, slog.String("message", o.Message))
	}
	if o.Err != nil {
		attributes = append(attributes, slog.Any("error", o.Err))
	}
	p.log.LogAttrs(context.Background(), level, "intake has read a ticket", attributes...)
}

// lostSource shows that a source cannot be read, or can be read again.
func (p *serviceParts) lostSource(o intake.Outage) {
	p.figures.IntakeOutage(o.Source, o.Err != nil)
	if o.Err != nil {
		p.log.Error("intake cannot read a source; it tries again", slog.String("source", o.Source), slog.Any("error", o.Err))
		return
	}
	p.log.Info("intake can read a source again", slog.String("source", o.Source))
}

// alertRuns are the runs of a runner that is no engine.Intaker, and what keeps which questions were told.
type alertRuns struct {
	engine.Reader
	engine.Intaker
}

// alerting adds what tells another system that a run waits for a person.
func (p *serviceParts) alerting(runner servable) {
	if p.alerts == "" {
		return
	}
	runs, ok := runner.(alert.Runs)
	if !ok {
		runs = alertRuns{runner, p.home.Cursors()}
	}
	sender := &alert.Sender{
		Name: p.alerts, Runs: runs, Environment: p.environment(),
		Outage: func(err error) {
			if err != nil {
				p.log.Error("an alert was not taken; it is sent again", slog.Any("error", err))
				return
			}
			p.log.Info("alerts are taken again")
		},
	}
	p.beside = append(p.beside, sender.Work)
}

// retaining adds what deletes the records of old runs.
func (p *serviceParts) retaining(runner servable) error {
	if p.retain == 0 {
		return nil
	}
	pruner, ok := runner.(engine.Pruner)
	if !ok {
		return &Exit{Code: ExitUsage, Message: "--retain: the runs of this home are deleted by the system that keeps them"}
	}
	p.beside = append(p.beside, func(ctx context.Context) {
		home.Retain(ctx, pruner, p.retain, func(pruned engine.Pruned, err error) {
			if pruned.Runs() > 0 {
				p.log.Info("the records of old runs were deleted", slog.Int("runs", pruned.Runs()))
			}
			if err != nil {
				p.log.Error("the records of old runs cannot be deleted", slog.Any("error", err))
			}
		})
	})
	return nil
}

// reloading adds what loads the definitions again when they change, or at a hangup.
func (p *serviceParts) reloading() {
	again := make(chan struct{})
	p.beside = append(p.beside,
		func(ctx context.Context) { onHangup(ctx, again) },
		func(ctx context.Context) { p.flows.Watch(ctx, again, p.logChange) },
	)
}

// warnUnready logs once which credentials of the workflows cannot be used. A workflow whose credential
// is missing is served all the same: the credential can be added while the service runs.
func (p *serviceParts) warnUnready(ctx context.Context) {
	warned := map[string]bool{}
	for _, name := range p.flows.Names() {
		workflow, ok := p.flows.Workflow(name)
		if !ok {
			continue
		}
		err := home.Ready(ctx, p.home.Registry, workflow)
		if err != nil && ctx.Err() == nil && !warned[err.Error()] {
			warned[err.Error()] = true
			p.log.Warn("a credential cannot be used; the workflows that need it do not start", slog.Any("error", err))
		}
	}
}

// onHangup passes on each SIGHUP, until ctx ends.
func onHangup(ctx context.Context, again chan<- struct{}) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		select {
		case <-ctx.Done():
			return
		case again <- struct{}{}:
		}
	}
}

// logChange logs what a load of the definitions has found.
func (p *serviceParts) logChange(change catalog.Change, err error) {
	if err != nil {
		p.log.Error("the definitions cannot be read; those that were loaded stay", slog.Any("error", err))
		return
	}
	for _, name := range change.Loaded {
		p.log.Info("a workflow was loaded", slog.String("workflow", name))
	}
	for _, name := range change.Removed {
		p.log.Info("a workflow is gone", slog.String("workflow", name))
	}
	for _, file := range change.Intake {
		if p.taker == nil {
			p.warnNoIntake(file)
			continue
		}
		p.log.Info("the rules of intake have changed", slog.String("file", file))
	}
	for _, bad := range change.Bad {
		logBad(p.log, bad)
	}
}

func logBad(log *slog.Logger, bad catalog.Bad) {
	log.Error("a file has errors", slog.String("file", bad.File), slog.String("workflow", bad.Workflow), slog.String("summary", diag.Summary(bad.Problems)), slog.Any("first", bad.Problems[0]), slog.Bool("older_one_is_used", bad.Older))
}

// close ends what was begun beside the service: the last traces are sent.
func (p *serviceParts) close() { closeTracer(p.tracer, p.log) }
