package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/golden"
	"errand/engine/reference"
	"errand/engine/scaffold"
	"errand/engine/schema"
	"errand/engine/task"
)

func (c *Command) initCommand() *cli.Command {
	return &cli.Command{
		Name:        "init",
		Usage:       "write a first workflow with its test, ready to run in the sandbox",
		ArgsUsage:   "[NAME]",
		Description: "errand init\nerrand init start-server\nerrand init make-server --task ec2.create_instance",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "task", Usage: "the task `TYPE` that it is about; " + firstTask + " where unsaid and nobody can be asked"},
			&cli.StringFlag{Name: "dir", Value: ".", Usage: "write the files into `DIR`"},
		},
		Action: c.init,
	}
}

// What a first workflow is about and is called, where nobody says.
const (
	firstTask    = "ec2.start_instance"
	firstRequest = "100-291"
)

var workflowName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (c *Command) init(x *cli.Context) error {
	if x.NArg() > 1 {
		return usage("one name is wanted, and there are %d", x.NArg())
	}
	t, err := c.taskToStart(x.String("task"))
	if err != nil {
		return err
	}
	name, err := c.nameToStart(x.Args().First(), t)
	if err != nil {
		return err
	}
	k, err := c.first(x.Context, name, t)
	if err != nil {
		return err
	}
	dir := x.String("dir")
	files := []struct {
		file string
		text []byte
	}{
		{filepath.Join(dir, name+".yaml"), k.definition},
		{filepath.Join(dir, name, "succeeds"+golden.Ending), k.succeeds},
		{filepath.Join(dir, name, "refused"+golden.Ending), k.refused},
	}
	for _, f := range files {
		if _, err := os.Lstat(f.file); err == nil {
			return &Exit{Code: ExitNotFound, Message: f.file + " exists already, and is left as it is; nothing was written", Hint: "choose another name"}
		}
	}
	if file := filepath.Join(dir, "schema.json"); !exists(file) {
		files = append(files, struct {
			file string
			text []byte
		}{file, reference.Schema(c.registry())})
	}
	for _, f := range files {
		if err := writeNew(f.file, f.text); err != nil {
			return err
		}
		fmt.Fprintln(c.Stdout, filepath.ToSlash(f.file))
	}
	c.nextSteps(dir, name, k)
	return nil
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

func writeNew(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return usage("%v", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return usage("%v", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return usage("%v", err)
	}
	return nil
}

// nextSteps says what can be done with the files.
func (c *Command) nextSteps(dir, name string, k *first) {
	file, folder := filepath.ToSlash(filepath.Join(dir, name+".yaml")), ""
	if dir != "." {
		folder = " " + filepath.ToSlash(dir)
	}
	fmt.Fprintf(c.Stderr, "\nnext:\n  errand test%s\n", folder)
	if k.sandbox {
		var inputs strings.Builder
		for _, f := range scaffold.Inputs(k.task) {
			inputs.WriteString(" --input " + f.Name + "=" + strings.Trim(string(k.inputs[f.Name]), `"`))
		}
		fmt.Fprintf(c.Stderr, "  errand run %s --sandbox --request %s%s\n", file, firstRequest, inputs.String())
	}
	fmt.Fprintf(c.Stderr, "  errand graph %s --format svg > %s.svg\n", file, name)
}

// taskToStart is the task type that is named, or chosen on a terminal by connector and operation.
func (c *Command) taskToStart(name string) (task.Type, error) {
	registry := c.registry()
	if name == "" && !c.asks() {
		name = firstTask
	}
	if name != "" {
		t, ok := registry.Lookup(name)
		if !ok {
			return t, &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no task type %q", name), Hint: diag.DidYouMean(name, registry.Names())}
		}
		if t.Effect == task.Pure {
			return t, usage("%s acts on no system, so that a workflow cannot be about it", name)
		}
		return t, nil
	}
	var systems, about []string
	for _, k := range registry.Connectors() {
		if len(scaffold.Types(registry, k.Name)) > 0 {
			systems, about = append(systems, k.Name), append(about, k.Title)
		}
	}
	system, err := c.choose("which system is it about", systems, about)
	if err != nil {
		return task.Type{}, err
	}
	types := scaffold.Types(registry, systems[system])
	var names, titles []string
	for _, row := range taskRows(types) {
		names, titles = append(names, row[0]), append(titles, row[1])
	}
	chosen, err := c.choose("what is to be done", names, titles)
	if err != nil {
		return task.Type{}, err
	}
	return types[chosen], nil
}

// choose has a person choose one of several, by number or by name.
func (c *Command) choose(what string, names, about []string) (int, error) {
	for i, name := range names {
		fmt.Fprintf(c.Stderr, "  %d  %-26s %s\n", i+1, name, about[i])
	}
	for {
		answer, err := c.askLine(what)
		if err != nil {
			return 0, err
		}
		for i, name := range names {
			if answer == name || answer == strconv.Itoa(i+1) {
				return i, nil
			}
		}
		fmt.Fprintf(c.Stderr, "write a number from 1 to %d, or a name\n", len(names))
	}
}

// nameToStart is the workflow's name: as given, as answered, or made of the operation.
func (c *Command) nameToStart(name string, t task.Type) (string, error) {
	_, operation, _ := strings.Cut(t.Name, ".")
	preset := "my-" + strings.ReplaceAll(operation, "_", "-")
	for asked := false; ; asked = true {
		if name == "" && c.asks() {
			answer, err := c.askLine("what is it called [" + preset + "]")
			if err != nil {
				return "", err
			}
			name, asked = answer, true
		}
		if name == "" {
			return preset, nil
		}
		if workflowName.MatchString(name) {
			return name, nil
		}
		wrong := fmt.Sprintf("%q is no name for a workflow: lower-case letters, digits and hyphens, a letter first", name)
		if !asked {
			return "", &Exit{Code: ExitUsage, Message: wrong, Hint: "such as " + preset}
		}
		fmt.Fprintln(c.Stderr, wrong)
		name = ""
	}
}

// A first is a first workflow, with cases that pass.
type first struct {
	task              task.Type
	definition        []byte
	succeeds, refused []byte            // documents
	inputs            map[string][]byte // of the cases, as JSON
	sandbox           bool              // the case that succeeds acts on the sandbox
}

// fromTheWorld are values of the sandbox's default world that parameters may have.
var fromTheWorld = map[string][]string{
	"instance_id":   {"i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002"},
	"ami_id":        {"ami-0a1b2c3d4e5f60000"},
	"instance_type": {"t3.micro"},
	"identifier":    {"i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60001"},
}

// first makes a workflow and its cases. Values of the sandbox are tried until the workflow succeeds with them; where it does with none, the
// case has mocks.
func (c *Command) first(ctx context.Context, name string, t task.Type) (*first, error) {
	registry := c.registry()
	k := &first{task: t, definition: scaffold.Definition(registry, name, t)}
	for i := 0; i < 2 && !k.sandbox; i++ {
		k.inputs = map[string][]byte{}
		for _, f := range scaffold.Inputs(t) {
			k.inputs[f.Name] = scaffold.Example(f.Type)
			if known := fromTheWorld[f.Name]; len(known) > 0 {
				k.inputs[f.Name] = schema.Encode(known[min(i, len(known)-1)])
			}
		}
		var err error
		if k.succeeds, err = c.try(ctx, name, k, scaffold.Succeeds, nil); err != nil {
			return nil, err
		}
		k.sandbox = k.succeeds != nil
	}
	var err error
	if !k.sandbox {
		if k.succeeds, err = c.try(ctx, name, k, scaffold.Succeeds, scaffold.Succeeds.Mocks(registry, t)); err != nil {
			return nil, err
		}
	}
	k.refused, err = c.try(ctx, name, k, scaffold.Refused, scaffold.Refused.Mocks(registry, t))
	if err == nil && (k.succeeds == nil || k.refused == nil) {
		err = fmt.Errorf("the cases of a first workflow of %s do not pass", t.Name)
	}
	return k, err
}

// try carries a case out. The document has its trace then; it is nil where the case comes to something else than it is to.
func (c *Command) try(ctx context.Context, name string, k *first, kind scaffold.Kind, mocks []byte) ([]byte, error) {
	parsed, err := golden.Parse(name+golden.Ending, append(scaffold.Case(kind, name, firstRequest, k.inputs), mocks...))
	if err != nil {
		return nil, err
	}
	bench := golden.Bench{Connectors: c.Connectors, Find: func(*golden.Case, string) (string, []byte, error) {
		return name + ".yaml", k.definition, nil
	}}
	o, err := bench.Run(ctx, parsed)
	if err != nil || string(o.Result.Status) != kind.Status || len(o.Wrong) > 0 {
		return nil, err
	}
	return parsed.Complete(o), nil
}
