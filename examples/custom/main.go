// Custom is Errand with one more task type, greeting.say, which workflows can use like any other.
//
//	go run ./examples/custom tasks greeting.say
//	go run ./examples/custom run examples/custom/greet.yaml --sandbox --input name=Dana
package main

import (
	"context"
	"os"

	"errand/cmd"
	"errand/engine/task"
	"errand/tasks"
)

type sayIn struct {
	Name string `json:"name" title:"Name" doc:"Whom to greet." required:"true" maxlen:"80"`
	Word string `json:"word" title:"Word" doc:"How to greet." default:"Hello"`
}

type sayOut struct {
	Text string `json:"text" title:"Text" doc:"The greeting."`
}

func say(_ context.Context, _ task.Call, in sayIn) (sayOut, error) {
	return sayOut{Text: in.Word + ", " + in.Name + "!"}, nil
}

func connectors(env task.Environment) []task.Connector {
	return append(tasks.Connectors(env), task.Connector{
		Name: "greeting", Title: "Greeting", Description: "Says hello.",
		Types: []task.Type{task.Define("greeting.say", "Greets somebody.", task.Pure, say)},
	})
}

func main() { os.Exit(cmd.New(connectors).Run(context.Background(), os.Args[1:])) }
