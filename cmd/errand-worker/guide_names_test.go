package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"errand/cmd"
	"errand/cmd/cmdtest"
	"errand/tasks"
)

// guide is the administrator's page.
const guide = "../../examples/operations/temporal.md"

// code matches an example or a piece of code in the text of a page.
var code = regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]+`")

// Every command that the page names exists, with its flags, and so does each in the files beside it.
func TestGuideNamesWhatExists(t *testing.T) {
	g := theProgram.Read(pages(t))
	texts := map[string]string{}
	for _, file := range []string{guide, "../../examples/operations/systemd/errand-worker@.service", "../../examples/operations/container/Containerfile", composeFile} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	texts[guide] = strings.Join(code.FindAllString(texts[guide], -1), "\n")
	named := 0
	for file, text := range texts {
		found, wrong := g.Find(strings.ReplaceAll(text, "/"+name+" ", " "+name+" "))
		for _, bad := range wrong {
			t.Errorf("%s: %s", file, bad)
		}
		named += len(found)
	}
	if named < 50 {
		t.Errorf("only %d commands", named)
	}
}

const composeFile = "../../examples/operations/temporal/compose.yaml"

// A composition is what the tests read of a compose file. Its members are all that the file uses.
type composition struct {
	Name     string
	Services map[string]composed
	Configs  map[string]struct{ Content string }
	Volumes  map[string]any
}

// A composed service is one of a compose file.
type composed struct {
	Image       string
	Build       struct{ Context, Dockerfile, Target string }
	Entrypoint  []string
	Command     []string
	Environment map[string]string
	Ports       []string
	Volumes     []string
	NetworkMode string `yaml:"network_mode"`
	Configs     []struct{ Source, Target string }
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct {
		Test              []string
		Interval, Timeout string
		Retries           int
	}
	Restart     string
	Deploy      struct{ Replicas int }
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
}

// isOnce reports whether a service ends, and others wait for that.
func (c composed) isOnce() bool { return c.Restart == "" && len(c.Healthcheck.Test) == 0 }

func readComposition(t *testing.T) composition {
	t.Helper()
	text, err := os.ReadFile(composeFile)
	if err != nil {
		t.Fatal(err)
	}
	var c composition
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	pinned   = regexp.MustCompile(`^[a-z.]+/[a-z/-]+:\d+(\.\d+)*$`)
	variable = regexp.MustCompile(`^(TEMPORAL|ERRAND|AWS)_[A-Z0-9_]+$`)
)

// What the compose file names is in it, and what it does not build has a version.
func TestComposeFile(t *testing.T) {
	c := readComposition(t)
	built := 0
	for service, s := range c.Services {
		switch {
		case s.Build.Target != "":
			built++
			if _, err := os.Stat(filepath.Join(filepath.Dir(composeFile), s.Build.Context, s.Build.Dockerfile)); err != nil {
				t.Errorf("%s: %v", service, err)
			}
			if target := map[string]string{"errand": "errand", name: "worker"}[s.Image]; target != s.Build.Target {
				t.Errorf("%s: the image %s is the target %s", service, s.Image, s.Build.Target)
			}
		case !pinned.MatchString(s.Image):
			t.Errorf("%s: the image %q has no version", service, s.Image)
		}
		for other, on := range s.DependsOn {
			before, ok := c.Services[other]
			fits := map[string]bool{"service_started": true, "service_healthy": len(before.Healthcheck.Test) > 0, "service_completed_successfully": before.isOnce()}
			if !ok || !fits[on.Condition] {
				t.Errorf("%s waits for %s: %s", service, other, on.Condition)
			}
		}
		if other, ok := strings.CutPrefix(s.NetworkMode, "service:"); ok && c.Services[other].Image == "" || ok && len(s.Ports) > 0 {
			t.Errorf("%s is in the network of %s, and publishes %q", service, other, s.Ports)
		}
		for _, v := range s.Volumes {
			if from, _, _ := strings.Cut(v, ":"); !strings.HasPrefix(from, "./") {
				if _, ok := c.Volumes[from]; !ok {
					t.Errorf("%s: there is no volume %s", service, from)
				}
			}
		}
		for _, use := range s.Configs {
			if c.Configs[use.Source].Content == "" {
				t.Errorf("%s: there is no config %s", service, use.Source)
			}
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: other machines reach the port %s", service, p)
			}
		}
	}
	if built != 4 || c.Services["worker"].Deploy.Replicas != 2 {
		t.Errorf("%d services are built, and there are %d workers", built, c.Services["worker"].Deploy.Replicas)
	}
}

// errandItself is the program errand in this process.
var errandItself = cmdtest.Program{Name: "errand", Run: func(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, said strings.Builder
	c := cmd.New(tasks.Connectors)
	c.Stdin, c.Stdout, c.Stderr, c.Getenv = strings.NewReader(""), &out, &said, func(string) string { return "" }
	code = c.Run(t.Context(), args)
	return out.String(), said.String(), code
}}

// The commands of the compose file exist with their flags, and the variables are those that the program reads.
func TestCommandsOfTheComposeFile(t *testing.T) {
	grammars := map[string]cmdtest.Grammar{"errand": errandItself.Read(errandItself.Pages(t, 40)), name: theProgram.Read(pages(t))}
	connectors, _, _ := theProgram.Run(t, "connectors")
	var known strings.Builder
	known.WriteString(connectors)
	for _, p := range pages(t) {
		known.WriteString(p.Text)
	}
	checked := 0
	for service, s := range readComposition(t).Services {
		g, ours := grammars[s.Image]
		if !ours {
			continue
		}
		found, wrong := g.Find(s.Image + " " + strings.Join(s.Command, " "))
		if len(wrong) > 0 || len(found) != 1 || found[0].Line() != s.Image+" "+strings.Join(s.Command, " ") {
			t.Errorf("%s: %q is read as %v, %q", service, s.Command, found, wrong)
		}
		checked++
		for v := range s.Environment {
			if variable.MatchString(v) && !strings.Contains(known.String(), v) {
				t.Errorf("%s: nothing says that %s is read", service, v)
			}
		}
	}
	if checked != 4 {
		t.Errorf("%d commands were checked", checked)
	}
}
