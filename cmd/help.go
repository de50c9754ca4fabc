package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	shipped "errand/definitions"
	"errand/engine/diag"
	"errand/examples/operations"
)

// A topic is a page of the manual, or a file that goes with one. It is built into the program.
type topic struct {
	name, about string
	text        string
}

// manual is the topics in Markdown.
var manual = []topic{
	{"language", "how to write a workflow; every task type, function and rule of the check", shipped.Language},
	{"testing", "test cases, mocks and the sandbox's world, key by key", shipped.Testing},
	{"intake", "the rules by which tickets start workflows, key by key", shipped.Intake},
	{"operations", "homes, credentials, schedules, persons, exit codes", operations.Guide},
	{"uncertain", "runs that wait for a person to say whether an effect took place", operations.Uncertain},
	{"backup", "backup and restore of a home", operations.Backup},
	{"retention", "how long runs are kept, and what stays of a pruned run", operations.Retention},
	{"copies", "homes that are copies, and how to adopt them", operations.Copies},
	{"first-day", "a service from nothing to another machine, rehearsed in the sandbox", operations.FirstDay},
	{"service", "a service on a machine: installation, first start, upgrades, size", operations.Service},
	{"temporal", "the same runs on many machines, with Temporal and errand-worker", operations.Temporal},
	{"tokens", "tokens of the service, pauses and the audit log", operations.Tokens},
	{"openid", "sign-in of people by OpenID Connect, and the roles of their groups", operations.OpenID},
	{"monitoring", "metrics, the log and traces of a service, and what each alert means", operations.Monitoring},
	{"crashes", "what a crash leaves, and how runs go on after it", operations.Crashes},
}

// guideFiles are what an administrator copies and changes. They have the names of the files.
var guideFiles = []topic{
	{"errand.service", "the service as a unit of systemd", operations.Unit},
	{"errand.socket", "a unit of systemd that keeps the port open while the service starts anew", operations.Socket},
	{"errand-worker@.service", "a worker on Temporal as a unit of systemd", operations.WorkerUnit},
	{"Containerfile", "an image with Errand and no shell", operations.Containerfile},
	{"compose.yaml", "a try of Errand on Temporal, with containers", operations.Compose},
	{"litestream.yml", "a replica of the journal", operations.Litestream},
	{"alerts.yaml", "rules for Prometheus", operations.Alerts},
	{"dashboard.json", "a dashboard for Grafana", operations.Dashboard},
}

var topics = slices.Concat(manual, guideFiles)

// helpCommand prints pages of the manual and the help of other commands.
type helpCommand struct {
	*terminal
	commands func() []*cli.Command
	again    func(ctx context.Context, args []string) int // runs another command line
}

func (c *helpCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "help",
		Usage:       "print a page of the manual, or explain a command",
		ArgsUsage:   "[TOPIC|COMMAND]",
		Description: "errand help\nerrand help language | less\nerrand help errand.service > errand.service\nerrand help runs show",
	}
}

// run prints the page of a topic. For the name of a command, it prints the help of the command.
func (c *helpCommand) run(ctx context.Context, a arguments) error {
	if len(a.names) == 0 {
		return c.listTopics()
	}
	command := &cli.Command{Subcommands: c.commands()}
	for _, name := range a.names {
		command = innerCommand(command, name)
	}
	pages := c.pages(topics)
	at := slices.IndexFunc(pages, func(t topic) bool { return t.name == a.names[0] })
	switch {
	case at >= 0 && len(a.names) == 1: // also if a command has this name
		_, err := io.WriteString(c.stdout, c.reword(pages[at].text))
		return err
	case at >= 0 && command == nil:
		return usage("`%s help` prints one topic at a time", c.program())
	}
	if command == nil {
		return c.noTopic(a.names)
	}
	if command.Name == "help" { // the library would print the help of the program
		command.HelpName = c.program() + " help"
		cli.HelpPrinter(c.stdout, command.CustomHelpTemplate, command)
		return nil
	}
	if code := c.again(ctx, append(a.names, "--help")); code != ExitSucceeded {
		return &Exit{Code: code}
	}
	return nil
}

// innerCommand returns the command with a name in a group. It returns nil if there is none.
func innerCommand(group *cli.Command, name string) *cli.Command {
	if group == nil {
		return nil
	}
	at := slices.IndexFunc(group.Subcommands, func(command *cli.Command) bool { return command.HasName(name) })
	if at < 0 {
		return nil
	}
	return group.Subcommands[at]
}

// pages returns those of the topics that this program prints.
func (c *helpCommand) pages(of []topic) []topic {
	if c.vocabulary == nil {
		return of
	}
	return slices.DeleteFunc(slices.Clone(of), func(t topic) bool { return !slices.Contains(c.vocabulary.Topics, t.name) })
}

func (c *helpCommand) listTopics() error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s help TOPIC prints a page of the manual, in Markdown:\n\n", c.program())
	for _, t := range c.pages(manual) {
		fmt.Fprintf(&text, "  %-11s %s\n", t.name, c.reword(t.about))
	}
	if files := c.pages(guideFiles); len(files) > 0 {
		fmt.Fprintf(&text, "\n%s help FILE prints a file that goes with them:\n\n", c.program())
		for _, t := range files {
			fmt.Fprintf(&text, "  %-23s %s\n", t.name, t.about)
		}
	}
	fmt.Fprintf(&text, "\n%[1]s COMMAND --help explains a command; %[1]s --help lists the commands.\n", c.program())
	_, err := io.WriteString(c.stdout, text.String())
	return err
}

// noTopic is the error for a name that is neither a topic nor a command.
func (c *helpCommand) noTopic(names []string) error {
	hint := "errand help lists the topics; errand --help lists the commands"
	wanted := strings.Join(names[:min(3, len(names))], " ")
	if near := diag.Nearest(wanted, c.helpNames()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return &Exit{Code: ExitUsage, Message: fmt.Sprintf("there is no topic or command %q", diag.Printable(wanted)), Hint: hint}
}

// helpNames returns the topics and the commands.
func (c *helpCommand) helpNames() []string {
	var names []string
	for _, t := range c.pages(topics) {
		names = append(names, t.name)
	}
	return append(names, paths("", c.commands())...)
}

// paths returns the commands and those inside them, each with the words that lead to it.
func paths(before string, commands []*cli.Command) (all []string) {
	for _, c := range visible(commands) {
		all = append(append(all, before+c.Name), paths(before+c.Name+" ", c.Subcommands)...)
	}
	return all
}

func (c *helpCommand) words(_ context.Context, p *partial) []candidate {
	if len(p.names) > 0 {
		group := &cli.Command{Subcommands: c.commands()}
		for _, name := range p.names {
			group = innerCommand(group, name)
		}
		if group == nil {
			return nil
		}
		return commandWords(group.Subcommands)
	}
	found := commandWords(c.commands())
	for _, t := range c.pages(topics) {
		found = append(found, candidate{t.name, t.about})
	}
	return found
}
