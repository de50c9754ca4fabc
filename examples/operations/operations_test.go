package operations_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	_ "errand/engine/goldenfile"
	"errand/engine/metrics"
)

var (
	metricName = regexp.MustCompile(`\b(errand|process|go)_[a-z_]+`)
	suffix     = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// known reports whether a name in an expression is a metric of Errand, or of every process in Go.
func known(name string) bool {
	return slices.Contains(metrics.Names(), suffix.ReplaceAllString(name, "")) || slices.Contains([]string{"process_resident_memory_bytes"}, name)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkExpression reports metrics of an expression that do not exist, and brackets that do not match.
// It returns the metrics.
func checkExpression(t *testing.T, where, expression string) []string {
	t.Helper()
	names := metricName.FindAllString(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(expression, `""`), -1)
	for _, name := range names {
		if !known(name) {
			t.Errorf("%s: there is no metric %s", where, name)
		}
	}
	var open []rune
	pairs := map[rune]rune{')': '(', ']': '[', '}': '{'}
	for _, r := range expression {
		switch {
		case strings.ContainsRune("([{", r):
			open = append(open, r)
		case pairs[r] != 0:
			if len(open) == 0 || open[len(open)-1] != pairs[r] {
				t.Errorf("%s: the brackets of %s do not match", where, expression)
				return names
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: the brackets of %s do not match", where, expression)
	}
	return names
}

// A dashboard is what this test reads of one.
type dashboard struct {
	Panels []struct {
		ID      int
		Title   string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr string }
	}
}

// Every metric of the dashboard exists, and every metric of Errand is in it.
func TestDashboard(t *testing.T) {
	var d dashboard
	if err := json.Unmarshal([]byte(read(t, "monitoring/dashboard.json")), &d); err != nil {
		t.Fatal(err)
	}
	shown, ids, taken := map[string]bool{}, map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] || len(p.Targets) == 0 {
			t.Errorf("the panel %q has the id %d, which another one has, or no expression", p.Title, p.ID)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			if len(metricName.FindAllString(target.Expr, -1)) == 0 {
				t.Errorf("%s: %q shows no metric", p.Title, target.Expr)
			}
			for _, name := range checkExpression(t, p.Title, target.Expr) {
				shown[suffix.ReplaceAllString(name, "")] = true
			}
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("the panel %q lies on %q, or outside", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
	for _, name := range metrics.Names() {
		if !shown[name] {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
}

// A rule is an alert.
type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// Every metric of the alerts exists, each alert has a severity and a section of the page that says
// what to do, and each such section has an alert.
func TestAlerts(t *testing.T) {
	var rules struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "monitoring/alerts.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&rules); err != nil || len(rules.Groups) != 1 {
		t.Fatal(rules, err)
	}
	var alerts, sections []string
	for _, r := range rules.Groups[0].Rules {
		alerts = append(alerts, r.Alert)
		if names := checkExpression(t, r.Alert, r.Expr); len(names) == 0 && r.Expr != `up{job="errand"} == 0` {
			t.Errorf("%s: %q has no metric", r.Alert, r.Expr)
		}
		if !slices.Contains([]string{"page", "ticket"}, r.Labels["severity"]) || r.Annotations["summary"] == "" || !strings.Contains(r.Annotations["description"], `"`+r.Alert+`"`) {
			t.Errorf("%s has the labels %v and the annotations %v", r.Alert, r.Labels, r.Annotations)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^### (Errand\w+)$`).FindAllStringSubmatch(read(t, "monitoring.md"), -1) {
		sections = append(sections, m[1])
	}
	if !slices.Equal(alerts, sections) || len(alerts) < 10 {
		t.Errorf("the alerts are %q, and the sections of monitoring.md %q", alerts, sections)
	}
}

// The page about monitoring has a row for each metric, and no other.
func TestMonitoringListsEveryMetric(t *testing.T) {
	var rows []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(errand_[a-z_]+)").FindAllStringSubmatch(read(t, "monitoring.md"), -1) {
		rows = append(rows, m[1])
	}
	slices.Sort(rows)
	if !slices.Equal(rows, metrics.Names()) {
		t.Errorf("the page lists %q, and the metrics are %q", rows, metrics.Names())
	}
}

// The page about the service names each file beside it, and the files name the same places.
func TestFilesOfTheService(t *testing.T) {
	page := read(t, "service.md") + read(t, "monitoring.md") + read(t, "temporal.md")
	files := 0
	for _, pattern := range []string{"systemd/*", "container/*", "litestream/*", "monitoring/*", "temporal/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			files++
			if !strings.Contains(page, "]("+filepath.ToSlash(file)+")") {
				t.Errorf("no page has a link to %s", file)
			}
		}
	}
	if files != 8 {
		t.Errorf("there are %d files", files)
	}
	for _, file := range []string{"systemd/errand.service", "systemd/errand-worker@.service", "container/Containerfile", "litestream/litestream.yml", "temporal/compose.yaml"} {
		if !strings.Contains(read(t, file), "/var/lib/errand") {
			t.Errorf("%s does not name the home /var/lib/errand", file)
		}
	}
}

var setting = regexp.MustCompile(`(?m)^([A-Z][A-Za-z]+)=`)

// services are the units of services.
var services = []string{"errand.service", "errand-worker@.service"}

// The units have what keeps a service that was taken over from reaching further.
func TestUnitsAreHardened(t *testing.T) {
	for _, name := range services {
		unit := read(t, filepath.Join("systemd", name))
		for _, line := range []string{
			"Type=notify", "User=errand", "UMask=0077", "StateDirectory=errand", "StateDirectoryMode=0700", "LoadCredential=errand-key:/etc/errand/key",
			"NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
			"RestrictNamespaces=yes", "MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service", "CapabilityBoundingSet=", "Restart=always",
		} {
			if !strings.Contains(unit, "\n"+line+"\n") {
				t.Errorf("%s has no line %s", name, line)
			}
		}
		seen := map[string]bool{}
		for _, m := range setting.FindAllStringSubmatch(unit, -1) {
			if twice := seen[m[1]]; twice && m[1] != "SystemCallFilter" {
				t.Errorf("%s sets %s twice", name, m[1])
			}
			seen[m[1]] = true
		}
	}
	if !strings.Contains(read(t, "systemd/errand.service"), "\nWatchdogSec=60s\n") {
		t.Error("errand.service has no watchdog")
	}
}
