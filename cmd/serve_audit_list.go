package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"errand/engine/access"
	"errand/engine/diag"
)

type serveAuditList struct {
	homeFlags
	after  string
	limit  int
	output output
}

func (c *serveAuditList) describe() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list who did what in the service, the oldest first",
		Description: "errand serve audit list\nerrand serve audit list --after 0 --limit 100 -o json",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "after", Usage: "list the entries after the entry `SEQ`, which -o json prints as the member next; 0 begins with the first one; by default, the last entries are listed", Destination: &c.after},
			&cli.IntFlag{Name: "limit", Value: defaultLimit, Usage: "list at most `N` entries; 0 lists all", Destination: &c.limit},
			c.output.flag(),
		),
	}
}

func (c *serveAuditList) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none("--after and --limit choose entries"); err != nil {
		return err
	}
	if c.limit < 0 {
		return usage("--limit %d: expected a number of entries, or 0 for all", c.limit)
	}
	after := int64(-1)
	if c.after != "" {
		if after, err = strconv.ParseInt(c.after, 10, 64); err != nil || after < 0 {
			return usage("--after %q: expected the number of an entry, or 0", c.after)
		}
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		last, err := s.audit.Length(ctx)
		if err != nil {
			return serviceExit(err)
		}
		limit := c.limit
		if limit == 0 {
			limit = int(max(last, 1))
		}
		if after < 0 {
			after = max(0, last-int64(limit))
		}
		entries, err := s.audit.Entries(ctx, after, limit)
		if err != nil {
			return serviceExit(err)
		}
		next := ""
		if n := len(entries); n > 0 && entries[n-1].Seq < last {
			next = strconv.FormatInt(entries[n-1].Seq, 10)
		}
		if asJSON {
			return c.printJSON(entries, next)
		}
		c.print(s.Folder, entries, next)
		return nil
	})
}

// printJSON prints {"version":1,"entries":[…],"next":…}. next is the value of --after for the rest of
// the log, or null if the list reaches its end.
func (c *serveAuditList) printJSON(entries []access.Entry, next string) error {
	list := struct {
		Version int            `json:"version"`
		Entries []access.Entry `json:"entries"`
		Next    *string        `json:"next"`
	}{Version: 1, Entries: entries}
	if next != "" {
		list.Next = &next
	}
	return c.writeJSON(list)
}

func (c *serveAuditList) print(folder string, entries []access.Entry, next string) {
	if len(entries) == 0 {
		fmt.Fprintln(c.stderr, "no entries found in", folder)
		return
	}
	rows := make([][]string, len(entries))
	for i, e := range entries {
		row := []string{strconv.FormatInt(e.Seq, 10), shortTime(e.At)}
		for _, text := range []string{e.Token, e.Person, e.Action, e.Run, e.Detail} {
			row = append(row, diag.Printable(cmp.Or(text, "-")))
		}
		rows[i] = row
	}
	width, _ := size(c.stdout)
	table(c.stdout, "", width, []string{"SEQ", "TIME", "TOKEN", "PERSON", "ACTION", "RUN", "DETAIL"}, rows)
	again := "errand serve audit list"
	if c.limit != defaultLimit {
		again += " --limit " + strconv.Itoa(c.limit)
	}
	if next != "" {
		fmt.Fprintf(c.stderr, "there are more entries\n  hint: %s --after %s lists the next ones; --limit 0 lists all\n", c.atHome(again), next)
	} else if c.after == "" && entries[0].Seq > 1 {
		fmt.Fprintf(c.stderr, "there are earlier entries\n  hint: %s --after 0 lists the first ones; --limit 0 lists all\n", c.atHome(again))
	}
}
