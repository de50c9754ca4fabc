package cmd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	shipped "errand/definitions"
	"errand/engine/diag"
	"errand/engine/golden"
	"errand/engine/library"
	"errand/engine/lsp"
)

type lspCommand struct {
	*terminal
	connectors  connectors
	stdio       bool
	definitions definitions
}

func (c *lspCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "lsp",
		Usage:       "serve an editor as a language server, on standard input and output",
		Description: "errand lsp\nerrand lsp --definitions my-workflows/",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "stdio", Usage: "ignored: the server always uses standard input and output", Destination: &c.stdio},
			c.definitions.flag(),
		},
	}
}

func (c *lspCommand) run(ctx context.Context, a arguments) error {
	if err := a.none(""); err != nil {
		return err
	}
	server := lsp.Server{
		Registry: c.connectors.registry(), Library: c.definitions.library(), Version: buildVersion(),
		Parts: shipped.Schemas, TestCase: c.testCase, Log: slog.New(slog.NewTextHandler(c.stderr, nil)),
	}
	if cache, err := os.UserCacheDir(); err == nil {
		server.Views = filepath.Join(cache, "errand", "shipped")
	}
	err := server.Serve(ctx, c.stdin, unclosed{raw(c.stdout)})
	if errors.Is(err, lsp.ErrNoShutdown) || errors.Is(err, lsp.ErrFrame) {
		return &Exit{Code: ExitFailed, Message: err.Error()} // the protocol requires this code
	}
	return err
}

// testCase checks a test case with the workflows of a library.
func (c *lspCommand) testCase(l library.Library, file string, document []byte) ([]diag.Problem, []string) {
	return golden.Bench{Connectors: c.connectors, Library: l}.Problems(file, document)
}

// unclosed is a stream of the process that the server must not close.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
