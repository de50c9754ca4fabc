package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"errand/engine/pattern"
	"errand/engine/schema"
)

// A Type is a kind of task that a definition may name.
type Type struct {
	Name   string // connector and operation, such as "ec2.start_instance"
	Title  string // for people, such as "Start Instance"
	Doc    string // what it does; the first sentence is a summary
	Effect Effect
	Input  schema.Type // an object: the parameters
	Output schema.Type // an object: success, result_code, result_message, then the type's own
	Rules  []Rule      // which inputs it refuses, although each value fits its parameter

	// Settles says that a call with Call.Settled needs no note: if a person says that a call took
	// effect, such a call reads its outputs. A type without Settles then has no outputs.
	Settles bool

	// OnlyReads reports whether a call only reads, although Effect says more: the input decides.
	// Such a call may be repeated. If nil, no call does.
	OnlyReads func(Call) bool

	// Waits says that a Pure type is called for its wait, not for its outputs.
	Waits bool

	// Lasts names the parameter, a duration, that says how long the step takes at least. It is empty
	// if no parameter does.
	Lasts string

	// Checks says that a type that reads is called for its failure, not for its outputs: it fails
	// unless the request that its parameter "ticket" names may be worked on.
	Checks bool

	// Awaits names a parameter whose values say when a call ends. With the first value, which is the
	// default, it ends when the change is accepted; with another one, when the change has reached
	// that state. Awaits is empty if the change is always complete when the call ends.
	Awaits string

	Change Change       // what a call does to its system
	Needs  []Permission // the permissions that its requests need

	// Ask asks the system whether it would permit a call, by requests that change nothing. If nil,
	// the system cannot be asked.
	Ask func(context.Context, Call) []Permit

	run func(context.Context, Call) Reply
}

// Run carries out a call. If the input breaks a rule, the function is not called. A call that goes on
// after an earlier one is not judged: the earlier one was made before the type had the rule. Run
// never panics: a panic of the task's function becomes a Failure.
func (t Type) Run(ctx context.Context, c Call) (reply Reply) {
	defer func() {
		if p := recover(); p != nil {
			reply = Reply{Failure: &Failure{Code: CodeInternal, Message: fmt.Sprintf("%s panicked: %v", t.Name, p), Unknown: true}}
		}
	}()
	if goesOn := c.Recover || c.Settled || c.Note != ""; !goesOn {
		if refused := t.Refuse(c.Input); refused != nil {
			return Reply{Failure: refused}
		}
	}
	return t.run(ctx, c)
}

// WithRun returns the type with another function: one that simulates a system, or that wraps the
// type's own.
func (t Type) WithRun(by func(context.Context, Call) Reply) Type {
	t.run = by
	return t
}

// MayRepeat reports whether the engine may repeat a call whose outcome is unknown.
func (t Type) MayRepeat(c Call) bool {
	return t.Effect.Repeatable() || t.OnlyReads != nil && t.OnlyReads(c)
}

// Changes reports whether a call changes something in another system.
func (t Type) Changes(c Call) bool {
	return t.Effect != Pure && t.Effect != Reads && (t.OnlyReads == nil || !t.OnlyReads(c))
}

// Connector returns the part of the name before the dot.
func (t Type) Connector() string {
	connector, _, _ := strings.Cut(t.Name, ".")
	return connector
}

// Result has the outputs of every task type.
var Result = []schema.Field{
	{Name: "success", Title: "Success", Description: "Whether the operation succeeded.", Type: schema.Of(schema.Boolean), Required: true},
	{Name: "result_code", Title: "Result Code", Description: "0 for success, else the HTTP status of the answer, or 1 if there was no answer.", Type: schema.Of(schema.Integer), Required: true},
	{Name: "result_message", Title: "Result Message", Description: "The result of the operation, in words.", Type: schema.Of(schema.String), Required: true},
}

// A Summary is an output that supplies its own `result_message`.
type Summary interface{ Summary() string }

var nameShape = pattern.New(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)

// Define makes a task type from a function. In and Out are structs with the tags of schema.Reflect.
// The function returns its output. Its error is an *Again or a *Failure; any other error becomes a
// Failure with CodeInternal. The function must not keep the context, must not start anything that
// outlives the call, and must not return a secret. name is connector.operation; the operation
// becomes the title. Define panics if a name or a tag is wrong.
func Define[In, Out any](name, doc string, effect Effect, run func(context.Context, Call, In) (Out, error)) Type {
	if !nameShape.MatchString(name) {
		panic("task: " + name + ": expected a name connector.operation, in lower case")
	}
	_, operation, _ := strings.Cut(name, ".")
	words := strings.Split(operation, "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	output := schema.Reflect(reflect.TypeFor[Out]())
	requireAll(output)
	output.Fields = append(append([]schema.Field{}, Result...), output.Fields...)
	return Type{
		Name: name, Title: strings.Join(words, " "), Doc: doc, Effect: effect,
		Input:  schema.Reflect(reflect.TypeFor[In]()),
		Output: output,
		run: func(ctx context.Context, c Call) Reply {
			var in In
			if err := json.Unmarshal(c.Input, &in); err != nil {
				return Reply{Failure: &Failure{Code: CodeInput, Message: err.Error()}}
			}
			out, err := run(ctx, c, in)
			if err != nil {
				return failureReply(err)
			}
			return outputReply(out)
		},
	}
}

// requireAll makes every field of an output required, at any depth: a task returns all of them.
func requireAll(t schema.Type) {
	for i := range t.Fields {
		t.Fields[i].Required = true
		requireAll(t.Fields[i].Type)
	}
	if t.Items != nil {
		requireAll(*t.Items)
	}
}

func failureReply(err error) Reply {
	if again, ok := errors.AsType[*Again](err); ok {
		return Reply{Again: again}
	}
	if failure, ok := errors.AsType[*Failure](err); ok {
		return Reply{Failure: failure}
	}
	return Reply{Failure: &Failure{Code: CodeInternal, Message: err.Error()}}
}

// outputReply encodes an output after the three members that every output has.
func outputReply(out any) Reply {
	message := "done"
	if s, ok := out.(Summary); ok {
		message = s.Summary()
	}
	b := bytes.NewBuffer(make([]byte, 0, 256))
	b.WriteString(`{"success":true,"result_code":0,"result_message":`)
	b.Write(schema.AppendString(b.AvailableBuffer(), message))
	from := b.Len()
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return Reply{Failure: &Failure{Code: CodeInternal, Message: "the output cannot be encoded: " + err.Error(), Unknown: true}}
	}
	data := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(data)-from > len("{}") {
		data[from] = ','
	} else {
		data = append(data[:from], '}')
	}
	return Reply{Output: data}
}
