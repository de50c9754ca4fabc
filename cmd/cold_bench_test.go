package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// floorProgram links the libraries of errand and does the least of its work. It reads the tree of
// the definition and compiles its expressions. The argument after the definition can add work: the
// requests of start-instance against invented answers, or a database with commits of 1 KiB each.
const floorProgram = `package main

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	_ "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/expr-lang/expr"
	"github.com/go-resty/resty/v2"
	"github.com/urfave/cli/v2"
	"gopkg.in/yaml.v3"
	_ "modernc.org/sqlite"
)

type made struct{}

func (made) RoundTrip(r *http.Request) (*http.Response, error) {
	body := "{\"data\":\"Success\",\"error\":null}"
	if strings.HasPrefix(r.URL.Host, "ec2") {
		body = "<StartInstancesResponse><instancesSet></instancesSet></StartInstancesResponse>"
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	app := &cli.App{Action: func(x *cli.Context) error {
		source, err := os.ReadFile(x.Args().First())
		must(err)
		var tree yaml.Node
		must(yaml.Unmarshal(source, &tree))
		for _, m := range regexp.MustCompile("\\$\\{\\{ (.*?) \\}\\}").FindAllSubmatch(source, -1) {
			_, err := expr.Compile(string(m[1]), expr.AllowUndefinedVariables())
			must(err)
		}
		switch x.Args().Get(1) {
		case "run":
			request()
		case "commit":
			commit(x.Args().Get(2), x.Args().Get(3))
		}
		return nil
	}}
	must(app.Run(os.Args))
}

func request() {
	client := ec2.New(ec2.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.invalid"), HTTPClient: &http.Client{Transport: made{}},
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
	_, err := client.DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{})
	must(err)
	_, err = client.StartInstances(context.Background(), &ec2.StartInstancesInput{InstanceIds: []string{"i-0a1b2c3d"}})
	must(err)
	for range 3 {
		_, err := resty.New().SetTransport(made{}).R().SetBody(map[string]string{"a": "b"}).Post("http://ism.invalid/")
		must(err)
	}
}

func commit(file, count string) {
	rows, err := strconv.Atoi(count)
	must(err)
	database, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	must(err)
	_, err = database.Exec("CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, data TEXT NOT NULL)")
	must(err)
	for range rows {
		_, err = database.Exec("INSERT INTO rows (data) VALUES (?)", strings.Repeat("0123456789abcdef", 64))
		must(err)
	}
	must(database.Close())
}
`

// bareProgram links no library of errand and prints one line.
const bareProgram = `package main

import "os"

func main() { os.Stdout.WriteString("bare\n") }
`

// stubbedProgram is errand with the additional task types of hosttest.
const stubbedProgram = `package main

import (
	"context"
	"os"

	"errand/cmd"
	"errand/engine/hosttest"
	"errand/engine/task"
	"errand/tasks"
)

func connectors(env task.Environment) []task.Connector {
	return append(tasks.Connectors(env), hosttest.Registry(func() {}).Connectors()...)
}

func main() { os.Exit(cmd.New(connectors).Run(context.Background(), os.Args[1:])) }
`

// build builds errand and its floor, and returns their files.
func build(b *testing.B) (errand, floor string) {
	b.Helper()
	errand = filepath.Join(b.TempDir(), "errand")
	compile(b, "-o", errand, "errand/cmd/errand")
	return errand, buildSource(b, floorProgram)
}

// buildSource builds a program of this module from a source text that is in no file of the module.
func buildSource(b *testing.B, text string) (program string) {
	b.Helper()
	dir := b.TempDir()
	source, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	place, err := filepath.Abs("made/main.go")
	if err != nil {
		b.Fatal(err)
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{place: source}})
	if err != nil {
		b.Fatal(err)
	}
	for file, content := range map[string][]byte{source: []byte(text), overlay: replace} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	program = filepath.Join(dir, "made")
	compile(b, "-overlay", overlay, "-o", program, "errand/cmd/made")
	return program
}

func compile(b *testing.B, args ...string) {
	b.Helper()
	// The flags of a release.
	args = append([]string{"build", "-trimpath", "-ldflags", "-s -w"}, args...)
	build := exec.CommandContext(b.Context(), "go", args...)
	build.Env = append(os.Environ(), "HOME="+builder) // it has the cache of the go command
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go %v: %v\n%s", args, err, out)
	}
}

// pairs runs two command lines alternately; both functions get the number of the turn. It reports
// the median of the times of each, their ratio, and the peak memory of each process.
func pairs(b *testing.B, first, second func(turn int) []string) {
	var times [2][]time.Duration
	turn := 0
	for ; b.Loop(); turn++ {
		for i, args := range [][]string{first(turn), second(turn)} {
			begun := time.Now()
			if out, err := exec.CommandContext(b.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
				b.Fatalf("%v: %v\n%s", args, err, out)
			}
			times[i] = append(times[i], time.Since(begun))
		}
	}
	for i, name := range []string{"errand", "floor"} {
		b.ReportMetric(float64(median(times[i]).Microseconds())/1000, name+"-ms")
		var peaks []float64
		for range 3 {
			peaks = append(peaks, peak(b, [][]string{first(turn), second(turn)}[i]))
			turn++
		}
		b.ReportMetric(median(peaks), name+"-MiB")
	}
	b.ReportMetric(float64(median(times[0]))/float64(median(times[1])), "ratio")
}

func median[T time.Duration | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// peak returns the peak memory of a process, as Linux reports it while the process runs. It returns
// 0 on other systems. The usage that the system reports after the end of a process is not used,
// because it includes the memory of the parent process.
func peak(b *testing.B, args []string) (mebibytes float64) {
	b.Helper()
	command := exec.CommandContext(b.Context(), args[0], args[1:]...)
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", command.Process.Pid))
		found := highest.FindSubmatch(status)
		if err != nil || found == nil {
			break
		}
		size, err := strconv.Atoi(string(found[1]))
		if err != nil {
			b.Fatal(err)
		}
		mebibytes = float64(size) / 1024
	}
	if err := command.Wait(); err != nil {
		b.Fatalf("%v: %v", args, err)
	}
	return mebibytes
}

var highest = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

// always returns the same command line for every turn.
func always(args ...string) func(int) []string { return func(int) []string { return args } }

const definitionFile = "../definitions/start-instance.yaml"

// BenchmarkColdCheck times whole processes: `errand check` of one definition, and its floor. It
// also reports the sizes of both programs.
func BenchmarkColdCheck(b *testing.B) {
	errand, floor := build(b)
	for name, file := range map[string]string{"errand-MB": errand, "floor-MB": floor} {
		info, err := os.Stat(file)
		if err != nil {
			b.Fatal(err)
		}
		defer b.ReportMetric(float64(info.Size())/1e6, name) // b.Loop drops earlier metrics
	}
	pairs(b, always(errand, "check", definitionFile), always(floor, definitionFile))
}

// BenchmarkColdVersion times whole processes: `errand version`, and a Go program that links none of
// errand's libraries.
func BenchmarkColdVersion(b *testing.B) {
	errand := filepath.Join(b.TempDir(), "errand")
	compile(b, "-o", errand, "errand/cmd/errand")
	pairs(b, always(errand, "version"), always(buildSource(b, bareProgram)))
}

// BenchmarkColdRun times whole processes: `errand run --sandbox` of start-instance, and its floor.
func BenchmarkColdRun(b *testing.B) {
	errand, floor := build(b)
	run := always(errand, "run", definitionFile, "--sandbox", "--request", "100-291", "--input", "instance_id=i-0a1b2c3d4e5f60001")
	pairs(b, run, always(floor, definitionFile, "run"))
}

// BenchmarkColdDurableRun times whole processes: `errand run` of five steps with an existing home,
// and its floor. Steps that only compute are committed together with the end of the run. For five
// steps with effects, the run commits once before each step and once at the end.
func BenchmarkColdDurableRun(b *testing.B) {
	for _, c := range []struct {
		name, task, text string
		commits          int
	}{
		{"pure", "worklog.format", "note", 1},
		{"effects", "stub.evident", "text", 6},
	} {
		b.Run(c.name, func(b *testing.B) {
			errand, floor := buildSource(b, stubbedProgram), buildSource(b, floorProgram)
			dir := b.TempDir()
			file, home := filepath.Join(dir, "five.yaml"), filepath.Join(dir, "home")
			var text strings.Builder
			text.WriteString("workflow: five\ninputs:\n  who: {type: string}\nsteps:\n")
			given := "inputs.who"
			for i := range 5 {
				text.WriteString(fmt.Sprintf("  - {id: s%d, task: %s, with: {%s: \"${{ %s }}\"}}\n", i, c.task, c.text, given))
				given = fmt.Sprintf("steps.s%d.text", i)
			}
			if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
				b.Fatal(err)
			}
			run := func(turn int) []string {
				return []string{errand, "run", file, "--home", home, "--request", fmt.Sprintf("100-%d", turn), "--input", "who=Dana"}
			}
			commit := always(floor, file, "commit", filepath.Join(dir, "floor.db"), strconv.Itoa(c.commits))
			for _, args := range [][]string{run(-1), commit(-1)} { // creates the home
				if out, err := exec.CommandContext(b.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
					b.Fatalf("%v: %v\n%s", args, err, out)
				}
			}
			pairs(b, run, commit)
			b.ReportMetric(float64(c.commits), "commits")
		})
	}
}
