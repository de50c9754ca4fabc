package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/golden"
	"errand/engine/pattern"
	"errand/engine/reference"
	"errand/engine/scaffold"
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

var workflowName = pattern.New(`^[a-z][a-z0-9-]*$`)

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
	files := []newFile{
		{filepath.Join(dir, name+".yaml"), k.definition},
		{filepath.Join(dir, name, "succeeds"+golden.Ending), k.succeeds},
		{filepath.Join(dir, name, "refused"+golden.Ending), k.refused},
	}
	for _, f := range files {
		if exists(f.file) {
			return &Exit{Code: ExitNotFound, Message: f.file + " exists already, and is left as it is; nothing was written", Hint: "choose another name"}
		}
	}
	if schema := (newFile{filepath.Join(dir, "schema.json"), reference.Schema(c.registry())}); !exists(schema.file) {
		files = append(files, schema)
	}
	for _, f := range files {
		if err := f.write(); err != nil {
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

// A newFile is one that is written where there is none.
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
