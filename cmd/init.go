package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/golden"
	"errand/engine/pattern"
	"errand/engine/reference"
	"errand/engine/scaffold"
)

type initCommand struct {
	*terminal
	connectors connectors
	task       string
	dir        string
}

func (c *initCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "init",
		Usage:       "write a first workflow with its test, ready to run in the sandbox",
		ArgsUsage:   "[NAME]",
		Description: "errand init\nerrand init start-server\nerrand init make-server --task ec2.create_instance",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "task", Usage: "the task `TYPE` of its first step; if nobody can be asked, it defaults to " + firstTask, Destination: &c.task},
			&cli.StringFlag{Name: "dir", Value: ".", Usage: "write the files into `DIR`", Destination: &c.dir},
		},
	}
}

// The defaults for the task type of a first workflow and the service request of its cases.
const (
	firstTask    = "ec2.start_instance"
	firstRequest = "100-291"
)

var workflowName = pattern.New(`^[a-z][a-z0-9-]*$`)

func (c *initCommand) run(ctx context.Context, a arguments) error {
	name, err := a.optional()
	if err != nil {
		return err
	}
	t, err := c.taskType()
	if err != nil {
		return err
	}
	name, err = c.workflowName(name, t)
	if err != nil {
		return err
	}
	k, err := newFirst(ctx, c.connectors, name, t)
	if err != nil {
		return err
	}
	files := []newFile{
		{filepath.Join(c.dir, name+".yaml"), k.definition},
		{filepath.Join(c.dir, name, "succeeds"+golden.Ending), k.succeeds},
		{filepath.Join(c.dir, name, "refused"+golden.Ending), k.refused},
	}
	for _, f := range files {
		if exists(f.file) {
			return &Exit{Code: ExitNotFound, Message: f.file + " already exists; nothing was written", Hint: "choose another name"}
		}
	}
	if schema := (newFile{filepath.Join(c.dir, "schema.json"), reference.Schema(c.connectors.registry())}); !exists(schema.file) {
		files = append(files, schema)
	}
	for _, f := range files {
		if err := f.write(); err != nil {
			return err
		}
		fmt.Fprintln(c.stdout, filepath.ToSlash(f.file))
	}
	printNextSteps(c.stderr, c.dir, name, k)
	return nil
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// A newFile is written only if the file does not exist.
type newFile struct {
	file string
	text []byte
}

func (n newFile) write() error {
	if err := os.MkdirAll(filepath.Dir(n.file), 0o755); err != nil {
		return usage("%v", err)
	}
	f, err := os.OpenFile(n.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return usage("%v", err)
	}
	_, err = f.Write(n.text)
	if err = errors.Join(err, f.Close()); err != nil {
		return usage("%v", err)
	}
	return nil
}

// printNextSteps prints the commands to try next.
func printNextSteps(w io.Writer, dir, name string, k *first) {
	file, folder := word(filepath.ToSlash(filepath.Join(dir, name+".yaml"))), ""
	if dir != "." {
		folder = " " + word(filepath.ToSlash(dir))
	}
	fmt.Fprintf(w, "\nnext:\n  errand test%s\n", folder)
	if k.sandbox {
		var inputs strings.Builder
		for _, f := range scaffold.Inputs(k.task) {
			inputs.WriteString(" " + inputFlag(f.Name, k.inputs[f.Name]))
		}
		fmt.Fprintf(w, "  errand run %s --sandbox --request %s%s\n", file, firstRequest, inputs.String())
	}
	fmt.Fprintf(w, "  errand graph %s --format svg > %s.svg\n", file, name)
}
