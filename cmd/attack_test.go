package cmd_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vegeta sends requests at a constant rate, whether or not the answers keep up, so that a slow answer
// is not hidden by the requests that it held up.
const vegeta = "github.com/tsenart/vegeta/v12@v12.13.0"

// insertFloor is the floor of a start: net/http, with one row on the disk before the answer. Rows that
// wait for the disk together share a transaction, as those of a journal do.
const insertFloor = `package main

import (
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	_ "modernc.org/sqlite"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

type row struct {
	data string
	done chan struct{}
}

func main() {
	database, err := sql.Open("sqlite", "file:"+os.Args[1]+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	must(err)
	database.SetMaxOpenConns(1)
	_, err = database.Exec("CREATE TABLE rows (number INTEGER PRIMARY KEY, data TEXT NOT NULL)")
	must(err)
	add, err := database.Prepare("INSERT INTO rows (data) VALUES (?)")
	must(err)
	rows := make(chan row, 100000)
	go func() {
		for first := range rows {
			group := []row{first}
			for len(rows) > 0 {
				group = append(group, <-rows)
			}
			_, err := database.Exec("BEGIN IMMEDIATE")
			must(err)
			for _, r := range group {
				_, err := add.Exec(r.data)
				must(err)
			}
			_, err = database.Exec("COMMIT")
			must(err)
			for _, r := range group {
				close(r.done)
			}
		}
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	fmt.Println(listener.Addr())
	must(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		must(err)
		one := row{string(data), make(chan struct{})}
		rows <- one
		<-one.done
		w.WriteHeader(http.StatusCreated)
		w.Write(data)
	})))
}
`

// A report is what vegeta says about an attack. The times are in nanoseconds.
type report struct {
	Latencies struct {
		P50 float64 `json:"50th"`
		P99 float64 `json:"99th"`
		Max float64
	}
	Throughput  float64
	Success     float64
	StatusCodes map[string]int `json:"status_codes"`
	Errors      []string
}

// attack sends the same request at a rate for a time.
func attack(b *testing.B, program, url, token string, rate int, lasts time.Duration, body string) (r report) {
	b.Helper()
	results := filepath.Join(b.TempDir(), "results")
	target, err := json.Marshal(map[string]any{"method": "POST", "url": url, "header": http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}, "body": []byte(body)})
	if err != nil {
		b.Fatal(err)
	}
	c := exec.CommandContext(b.Context(), program, "attack", "-format", "json", "-rate", strconv.Itoa(rate), "-duration", lasts.String(), "-timeout", "30s", "-output", results)
	c.Stdin = bytes.NewReader(append(target, 0x0a))
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(b.Context(), program, "report", "-type", "json", results).Output()
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return r
}

func (r report) write(b *testing.B, prefix string) {
	b.ReportMetric(r.Latencies.P50/1e6, prefix+"p50-ms")
	b.ReportMetric(r.Latencies.P99/1e6, prefix+"p99-ms")
	b.ReportMetric(r.Throughput, prefix+"answers/s")
	if r.Success < 1 {
		b.Errorf("%sof the requests %.4f were answered well: %v %q", prefix, r.Success, r.StatusCodes, r.Errors[:min(3, len(r.Errors))])
	}
}

// installVegeta returns the load generator.
func installVegeta(b *testing.B) string {
	b.Helper()
	folder := b.TempDir()
	install := exec.CommandContext(b.Context(), "go", "install", vegeta)
	install.Env = append(os.Environ(), "HOME="+builder, "GOBIN="+folder)
	if out, err := install.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(folder, "vegeta")
}

// attackFloor attacks the floor as the service is attacked.
func attackFloor(b *testing.B, load, floor string, rate int) report {
	b.Helper()
	p := exec.CommandContext(b.Context(), floor, filepath.Join(b.TempDir(), "floor.db"))
	out, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = p.Process.Kill(); _ = p.Wait() }()
	address := make([]byte, 64)
	n, err := out.Read(address)
	if err != nil {
		b.Fatal(err)
	}
	return attack(b, load, "http://"+strings.TrimSpace(string(address[:n])), "none", rate, *attackTime, `{"workflow":"park"}`)
}
