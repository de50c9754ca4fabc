package cmd

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/access"
)

type serveAuditVerify struct {
	homeFlags
	head   string
	output output
}

func (c *serveAuditVerify) describe() *cli.Command {
	return &cli.Command{
		Name:        "verify",
		Usage:       "check that no entry of the audit log was changed, removed or inserted",
		Description: "errand serve audit verify\nerrand serve audit verify --head 1f0c9d3b7a5e48c2966d0b1e7f3a5c8d2b4f6a8091e3d5c7b9f1a3e5d7c9b0a2",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "head", Usage: "check also that an entry has the hash `HASH`, which an earlier verification printed as the head", Destination: &c.head},
			c.output.flag(),
		),
	}
}

func (c *serveAuditVerify) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none(""); err != nil {
		return err
	}
	c.head = strings.ToLower(c.head)
	if raw, err := hex.DecodeString(c.head); err != nil || c.head != "" && len(raw) != 32 {
		return usage("--head %q: expected 64 hexadecimal digits", c.head)
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		report, err := access.Verify(ctx, s.audit, s.Sealer, c.head)
		if err != nil {
			return serviceExit(err)
		}
		if asJSON {
			err = c.printJSON(report)
		} else {
			c.print(report, func() bool {
				_, err := s.Sealer.SealKey(ctx)
				return err == nil
			})
		}
		if err != nil {
			return err
		}
		if len(report.Faults) > 0 {
			return &Exit{Code: ExitFailed, Message: "the audit log is not what was written", Hint: "keep the home as it is, and compare it with a backup; errand serve audit list shows the entries"}
		}
		if report.NoKey != nil {
			return &Exit{Code: ExitCredentials, Message: "the seal of the audit log cannot be checked: " + report.NoKey.Error()}
		}
		return nil
	})
}

// printJSON prints {"version":1,"good","entries","head","sealed","unsealed":[{"first","last"}],
// "faults":[{"kind","first","last"}]}.
func (c *serveAuditVerify) printJSON(r access.Report) error {
	return c.writeJSON(struct {
		Version  int            `json:"version"`
		Good     bool           `json:"good"`
		Entries  int64          `json:"entries"`
		Head     string         `json:"head"`
		Sealed   int64          `json:"sealed"`
		Unsealed []access.Span  `json:"unsealed"`
		Faults   []access.Fault `json:"faults"`
	}{1, r.Good(), r.Head.Seq, hex.EncodeToString(r.Head.Hash), r.Sealed, append([]access.Span{}, r.Unsealed...), append([]access.Fault{}, r.Faults...)})
}

// print prints a report. hasKey reports whether there is a key that seals.
func (c *serveAuditVerify) print(r access.Report, hasKey func() bool) {
	if r.Head.Seq == 0 {
		fmt.Fprintln(c.stdout, "the audit log has no entries")
	} else {
		fmt.Fprintf(c.stdout, "the audit log has %s; head %x\n", counted(r.Head.Seq, "entry", "entries"), r.Head.Hash)
	}
	if r.Sealed > 0 {
		fmt.Fprintf(c.stdout, "✓ the seal covers %s\n", entriesOf(access.Span{First: 1, Last: r.Sealed}))
	}
	for _, f := range r.Faults {
		fmt.Fprintln(c.stdout, "✗ "+faultText(f))
	}
	for _, s := range r.Unsealed {
		fmt.Fprintf(c.stdout, "! %s: added without the key of the seal\n", entriesOf(s))
	}
	if r.Sealed == 0 && len(r.Faults) == 0 && r.NoKey == nil && r.Head.Seq > 0 {
		why := "the log has no seal, because the home has no stored credentials, or their key was not at hand"
		if hasKey() {
			why = "the log has no seal, although its key is at hand: no entry was added since the credentials were stored, or the seal was removed"
		}
		fmt.Fprintln(c.stderr, "  hint:", why+"; keep the head elsewhere, and check it later with --head")
	}
}

// faultText says what is wrong with entries.
func faultText(f access.Fault) string {
	switch f.Kind {
	case access.FaultChanged:
		return entriesOf(f.Span) + ": changed after it was written"
	case access.FaultMissing:
		return entriesOf(f.Span) + ": removed from the middle"
	case access.FaultEnd:
		return entriesOf(f.Span) + ": removed from the end"
	case access.FaultSeal:
		return "the seal does not fit: entries were changed and hashed again, or the seal was changed"
	case access.FaultKey:
		return "the seal was made by another key than that of the stored credentials"
	}
	return "no entry has the head that --head names: the log was made again, or its end was removed"
}

func entriesOf(s access.Span) string {
	if s.First == s.Last {
		return fmt.Sprintf("entry %d", s.First)
	}
	return fmt.Sprintf("entries %d to %d", s.First, s.Last)
}

// counted returns a number with its noun.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
