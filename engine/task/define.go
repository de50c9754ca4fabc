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
	Doc    string // what it does; the first sentence stands alone
	Effect Effect
	Input  schema.Type // an object: the parameters
	Output schema.Type // an object: success, result_code, result_message, then the type's own

	// Settles says that the type knows Call.Settled without its own note: a person who says that a call took effect has its outputs
	// read by such a call. Of other types the outputs are then empty.
	Settles bool

	Change Change       // what a call does to its system
	Needs  []Permission // what its requests must be permitted

	// Ask asks the system whether it would permit what a call needs, by requests that change nothing; nil: it cannot be asked.
	Ask func(context.Context, Call) []Permit

	run func(context.Context, Call) Reply
}

// Run carries out a call. It never panics: a panic of the task's function is a Failure.
func (t Type) Run(ctx context.Context, c Call) (reply Reply) {
	defer func() {
		if p := recover(); p != nil {
			reply = Reply{Failure: &Failure{Code: CodeInternal, Message: fmt.Sprintf("%s panicked: %v", t.Name, p), Unknown: true}}
		}
	}()
	return t.run(ctx, c)
}

// Answered is the type with another function behind it: one that plays a system, or stands before the type's own.
func (t Type) Answered(by func(context.Context, Call) Reply) Type {
	t.run = by
	return t
}

// Connector is the part of the name before the dot.
func (t Type) Connector() string {
	connector, _, _ := strings.Cut(t.Name, ".")
	return connector
}

// Result holds the outputs that every task type has.
var Result = []schema.Field{
	{Name: "success", Title: "Success", Description: "Whether the operation succeeded.", Type: schema.Of(schema.Boolean), Required: true},
	{Name: "result_code", Title: "Result Code", Description: "0 for success, else the HTTP status of the answer, or 1 where there was none.", Type: schema.Of(schema.Integer), Required: true},
	{Name: "result_message", Title: "Result Message", Description: "What the operation came to, in words.", Type: schema.Of(schema.String), Required: true},
}

// A Summary is an output that words its own `result_message`.
type Summary interface{ Summary() string }

var nameShape = pattern.New(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)

// Define makes a task type of a function. In and Out are structs whose tags schema.Reflect reads. The function returns its
// output, or as its error an *Again or a *Failure; any other error is a Failure with CodeInternal. It must not keep the context,
// start anything that outlives the call, or put a secret into what it returns. name is connector.operation; the title is made of
// the operation. Define panics where a name or a tag is wrong.
func Define[In, Out any](name, doc string, effect Effect, run func(context.Context, Call, In) (Out, error)) Type {
	if !nameShape.MatchString(name) {
		panic("task: " + name + ": a name is connector.operation, in lower case")
	}
	_, operation, _ := strings.Cut(name, ".")
	words := strings.Split(operation, "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	output := schema.Reflect(reflect.TypeFor[Out]())
	for i := range output.Fields {
		output.Fields[i].Required = true
	}
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
				return failed(err)
			}
			return succeeded(out)
		},
	}
}

func failed(err error) Reply {
	if again, ok := errors.AsType[*Again](err); ok {
		return Reply{Again: again}
	}
	if failure, ok := errors.AsType[*Failure](err); ok {
		return Reply{Failure: failure}
	}
	return Reply{Failure: &Failure{Code: CodeInternal, Message: err.Error()}}
}

// succeeded encodes an output behind the three members that every output has.
func succeeded(out any) Reply {
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
