package trace

import (
	"context"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"errand/engine"
	"errand/engine/observe"
)

// spans are those that have begun and not ended, of all runs. One call is made at a time.
type spans struct {
	tracer trace.Tracer
	runs   map[string]*runSpans // by the run's id
}

// mostRuns is how many runs are traced at once. A run beyond that has no trace.
const mostRuns = 20_000

// runSpans are the open spans of a run.
type runSpans struct {
	root  *open
	steps map[string]*open // by key
	begun int              // how many steps have begun
}

// An open span has begun and not ended.
type open struct {
	trace.Span
	around  *open  // the span that it is in; nil for a root
	branch  string // of the step
	holds   bool   // it is a root, or a step that may hold others
	number  int    // among the run's steps, in the order of their beginning
	began   time.Time
	attempt int       // the present one, counted from 1
	since   time.Time // when the present attempt began
}

func newSpans(t trace.Tracer) *spans { return &spans{tracer: t, runs: map[string]*runSpans{}} }

// observe begins, extends and ends spans. A run that goes on after a restart tells its events again,
// so that its open spans begin again with the same ids. Those that ended before were sent by the
// process that saw their end.
func (s *spans) observe(o observe.Observed) {
	r := s.run(o)
	if r == nil {
		return
	}
	e := o.Event
	switch e.Kind {
	case engine.EventRunStarted, engine.EventRunRetried: // run has begun the span
	case engine.EventRunEnded:
		r.endWithin(r.root, e.At, e.Again)
		r.root.SetAttributes(attribute.String("errand.status", string(e.Status)))
		fail(r.root, e)
		end(r.root, e.At, e.Again)
		delete(s.runs, o.Run.ID)
	case engine.EventStepStarted:
		s.begin(r, o)
	case engine.EventStepSucceeded, engine.EventStepFailed:
		s.endStep(r, o)
	default:
		note(r.spanOf(e.Step), e)
		if step := r.steps[e.Step]; step != nil && e.Kind == engine.EventStepRetries && e.Attempt > 0 {
			s.attempt(o, step, false)
			step.attempt, step.since = e.Attempt+1, e.At.Add(e.Wait)
		}
	}
}

// run returns the spans of an event's run, or nil if it is not traced. The first event begins the
// root: the start of the run, or its retry, which makes another root in the same trace.
func (s *spans) run(o observe.Observed) *runSpans {
	if r := s.runs[o.Run.ID]; r != nil {
		return r
	}
	if len(s.runs) >= mostRuns {
		return nil
	}
	began := o.Run.Began
	if began.IsZero() {
		began = o.Event.At
	}
	attributes := []attribute.KeyValue{attribute.String("errand.run", o.Run.ID), attribute.String("errand.workflow", o.Run.Workflow)}
	if o.Run.Request != "" {
		attributes = append(attributes, attribute.String("errand.request", o.Run.Request))
	}
	if o.Event.Kind == engine.EventRunRetried {
		attributes = append(attributes, attribute.Bool("errand.retried", true))
	}
	r := &runSpans{steps: map[string]*open{}}
	r.root = s.start(nil, o.Run.Workflow, ids{traceID(o.Run.ID), spanID(o.Run.ID, "", began, 0)}, began, attributes)
	s.runs[o.Run.ID] = r
	return r
}

// start begins a span. Without a parent it is a root.
func (s *spans) start(around *open, name string, id ids, began time.Time, attributes []attribute.KeyValue) *open {
	ctx := context.WithValue(context.Background(), idsKey{}, id)
	if around != nil {
		ctx = trace.ContextWithSpan(ctx, around.Span)
	}
	_, span := s.tracer.Start(ctx, name, trace.WithTimestamp(began), trace.WithAttributes(attributes...))
	return &open{Span: span, around: around, began: began, attempt: 1, since: began}
}

// begin begins the span of a step, within that of the step around it.
func (s *spans) begin(r *runSpans, o observe.Observed) {
	e := o.Event
	attributes := []attribute.KeyValue{
		attribute.String("errand.run", e.Run), attribute.String("errand.workflow", o.Run.Workflow), attribute.String("errand.step", e.Step),
	}
	if e.Task != "" {
		attributes = append(attributes, attribute.String("errand.task", e.Task))
	}
	if e.Workflow != "" {
		attributes = append(attributes, attribute.String("errand.calls", e.Workflow))
	}
	if e.Branch != "" {
		attributes = append(attributes, attribute.String("errand.branch", e.Branch))
	}
	step := s.start(r.around(e.Branch), e.Step, ids{traceID(e.Run), spanID(e.Run, e.Step, e.At, 0)}, e.At, attributes)
	r.begun++
	step.branch, step.holds, step.number = e.Branch, e.Task == "" && e.Ask == "", r.begun
	r.steps[e.Step] = step
}

// endStep ends the span of a step, and those of the steps within it that did not end by themselves.
func (s *spans) endStep(r *runSpans, o observe.Observed) {
	e := o.Event
	step := r.steps[e.Step]
	if step == nil { // it failed before it began
		return
	}
	r.endWithin(step, e.At, e.Again)
	status := engine.StepSucceeded
	if e.Kind == engine.EventStepFailed {
		status = engine.StepFailed
	}
	step.SetAttributes(attribute.String("errand.status", string(status)))
	if e.Task != "" {
		step.SetAttributes(attribute.Int("errand.attempts", step.attempt))
	}
	fail(step, e)
	if step.attempt > 1 {
		s.attempt(o, step, true)
	}
	end(step, e.At, e.Again)
	delete(r.steps, e.Step)
}

// attempt sends the span of an attempt that has ended, of a step with several of them.
func (s *spans) attempt(o observe.Observed, step *open, last bool) {
	e := o.Event
	status := "retried"
	if last && e.Failure == nil {
		status = "succeeded"
	} else if last {
		status = "failed"
	}
	began := step.since
	if began.After(e.At) { // the step ended during the wait before the attempt
		return
	}
	span := s.start(step, e.Step+" attempt", ids{traceID(e.Run), spanID(e.Run, e.Step, step.began, step.attempt)}, began, []attribute.KeyValue{
		attribute.String("errand.step", e.Step), attribute.String("errand.task", e.Task), attribute.Int("errand.attempt", step.attempt), attribute.String("errand.status", status),
	})
	fail(span, e)
	end(span, e.At, e.Again)
}

// around returns the span in which a step of a branch begins. The steps of a branch begin one after
// the other, so it is that of the step which began last on the branch, has not ended and may hold
// others; or of one on the branch that forked; or the root.
func (r *runSpans) around(branch string) *open {
	for {
		found := r.root
		for _, s := range r.steps {
			if s.branch == branch && s.holds && s.number > found.number {
				found = s
			}
		}
		if found != r.root || branch == "" {
			return found
		}
		branch = branch[:max(0, strings.LastIndexByte(branch, '/'))]
	}
}

// spanOf returns the span of a step, or the root.
func (r *runSpans) spanOf(key string) trace.Span {
	if s := r.steps[key]; s != nil {
		return s
	}
	return r.root
}

// endWithin ends the spans within another one: a branch was cancelled, or the run was.
func (r *runSpans) endWithin(outer *open, at time.Time, old bool) {
	for key, s := range r.steps {
		if s.isWithin(outer) {
			s.SetAttributes(attribute.String("errand.status", string(engine.StepCancelled)))
			end(s, at, old)
			delete(r.steps, key)
		}
	}
}

func (s *open) isWithin(outer *open) bool {
	for in := s.around; in != nil; in = in.around {
		if in == outer {
			return true
		}
	}
	return false
}

// end ends a span. One that ended before this process began is not sent again.
func end(s *open, at time.Time, old bool) {
	if !old {
		s.End(trace.WithTimestamp(at))
	}
}

// fail marks a span as failed, if the event has a failure. Its code is a constant of a task type; its
// text may have values.
func fail(s trace.Span, e engine.Event) {
	if e.Failure == nil {
		return
	}
	s.SetAttributes(attribute.String("error.type", e.Failure.Code))
	if e.Failure.Status != 0 {
		s.SetAttributes(attribute.Int("errand.answer_status", e.Failure.Status))
	}
	s.SetStatus(codes.Error, e.Failure.Code)
}

// note adds to a span what happened meanwhile: a wait, a question, a decision, a handler.
func note(s trace.Span, e engine.Event) {
	var attributes []attribute.KeyValue
	add := func(key, value string) {
		if value != "" {
			attributes = append(attributes, attribute.String(key, value))
		}
	}
	add("errand.for", string(e.For))
	if e.Wait > 0 {
		attributes = append(attributes, attribute.Float64("errand.wait_seconds", e.Wait.Seconds()))
	}
	if e.Attempt > 0 {
		attributes = append(attributes, attribute.Int("errand.attempt", e.Attempt))
	}
	if e.Failure != nil {
		add("error.type", e.Failure.Code)
	}
	add("errand.verdict", string(e.Verdict))
	add("errand.handler", string(e.Handler))
	if e.Before != nil {
		add("errand.before", string(e.Before.Kind))
	}
	if e.Step != "" {
		add("errand.step", e.Step)
	}
	s.AddEvent(string(e.Kind), trace.WithTimestamp(e.At), trace.WithAttributes(attributes...))
}
