package cmd_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// floorProgram links the same libraries and does the least of the same work: it reads the definition's tree, compiles its
// expressions, and, where it is told to, makes the requests of start-instance against answers that are made up.
const floorProgram = `package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	_ "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/expr-lang/expr"
	"github.com/go-resty/resty/v2"
	"github.com/urfave/cli/v2"
	"gopkg.in/yaml.v3"
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
		if x.Args().Get(1) != "run" {
			return nil
		}
		client := ec2.New(ec2.Options{
			Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.invalid"), HTTPClient: &http.Client{Transport: made{}},
			Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		})
		_, err = client.DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{})
		must(err)
		_, err = client.StartInstances(context.Background(), &ec2.StartInstancesInput{InstanceIds: []string{"i-0a1b2c3d"}})
		must(err)
		for range 3 {
			_, err := resty.New().SetTransport(made{}).R().SetBody(map[string]string{"a": "b"}).Post("http://ism.invalid/")
			must(err)
		}
		return nil
	}}
	must(app.Run(os.Args))
}
`

// build makes the program and its floor.
func build(b *testing.B) (errand, floor string) {
	b.Helper()
	dir := b.TempDir()
	source, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	place, err := filepath.Abs("floor/main.go")
	if err != nil {
		b.Fatal(err)
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{place: source}})
	if err != nil {
		b.Fatal(err)
	}
	for file, text := range map[string][]byte{source: []byte(floorProgram), overlay: replace} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	errand, floor = filepath.Join(dir, "errand"), filepath.Join(dir, "floor")
	for _, args := range [][]string{{"build", "-o", errand, "errand/cmd/errand"}, {"build", "-overlay", overlay, "-o", floor, "errand/cmd/floor"}} {
		if out, err := exec.CommandContext(b.Context(), "go", args...).CombinedOutput(); err != nil {
			b.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	return errand, floor
}

// pairs starts the two processes in turn, and reports their times and the ratio.
func pairs(b *testing.B, first, second []string) {
	var times [2]time.Duration
	for b.Loop() {
		for i, args := range [][]string{first, second} {
			start := time.Now()
			if out, err := exec.CommandContext(b.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
				b.Fatalf("%v: %v\n%s", args, err, out)
			}
			times[i] += time.Since(start)
		}
	}
	for i, name := range []string{"errand-ms", "floor-ms"} {
		b.ReportMetric(float64(times[i].Microseconds())/1000/float64(b.N), name)
	}
	b.ReportMetric(float64(times[0])/float64(times[1]), "ratio")
}

const definitionFile = "../definitions/start-instance.yaml"

// BenchmarkColdCheck times whole processes: `errand check` of one definition, and its floor.
func BenchmarkColdCheck(b *testing.B) {
	errand, floor := build(b)
	pairs(b, []string{errand, "check", definitionFile}, []string{floor, definitionFile})
}

// BenchmarkColdRun times whole processes: `errand run --sandbox` of start-instance, and its floor.
func BenchmarkColdRun(b *testing.B) {
	errand, floor := build(b)
	run := []string{errand, "run", definitionFile, "--sandbox", "--request", "100-291", "--input", "instance_id=i-0a1b2c3d4e5f60001"}
	pairs(b, run, []string{floor, definitionFile, "run"})
}
