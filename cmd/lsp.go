package cmd

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/lsp"
)

func (c *Command) lspCommand() *cli.Command {
	return &cli.Command{
		Name:        "lsp",
		Usage:       "help an editor with definitions: a language server on standard input and output",
		Description: "errand lsp\nerrand lsp --definitions my-workflows/",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "stdio", Usage: "for editors that say so: there is no other way"},
			c.definitionsFlag(),
		},
		Action: c.lsp,
	}
}

func (c *Command) lsp(x *cli.Context) error {
	if x.NArg() > 0 {
		return usage("`errand lsp` takes no name")
	}
	server := lsp.Server{
		Registry: c.registry(), Library: library{c, x}, Version: buildVersion(),
		Log: slog.New(slog.NewTextHandler(c.Stderr, nil)),
	}
	err := server.Serve(x.Context, c.Stdin, unclosed{c.Stdout})
	if errors.Is(err, lsp.ErrNoShutdown) {
		return &Exit{Code: ExitFailed, Message: err.Error()} // the code is the protocol's
	}
	return err
}

// unclosed is a stream that belongs to the process, and is not ours to close.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// A library finds workflows for an editor as the command line does, but for what stands in the editor itself.
type library struct {
	command *Command
	x       *cli.Context
}

// Find looks beside the file that asks, in the folder of definitions, and among the shipped workflows.
func (l library) Find(from, name string, open func(file string) ([]byte, bool)) (string, []byte, error) {
	read := func(file string) (source, error) {
		whole, err := filepath.Abs(file)
		if err != nil {
			return source{}, err
		}
		if text, ok := open(filepath.ToSlash(whole)); ok {
			return source{file: filepath.ToSlash(whole), text: text}, nil
		}
		return readSource(whole)
	}
	if from == "" {
		found, err := l.command.findBy(l.x, name, read)
		return found.file, found.text, err
	}
	found, err := l.command.findFrom(l.x, from, name, read)
	return found.file, found.text, err
}

// Names lists what Find finds.
func (l library) Names(from string) []string {
	names, err := l.command.workflowNames(l.x)
	if err != nil {
		names = nil // the folder of definitions cannot be read; a check that needs it says so
	}
	if from == "" {
		return names
	}
	files, _ := os.ReadDir(filepath.Dir(filepath.FromSlash(from))) // what cannot be read has no names
	for _, f := range files {
		if !f.IsDir() && isYAML(f.Name()) {
			names = append(names, strings.TrimSuffix(f.Name(), filepath.Ext(f.Name())))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
