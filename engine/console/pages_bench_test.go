package console_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
)

// fill starts runs for a token and waits until all of them have ended or wait for something else than a process. Of 100 runs, 75 succeed, 10
// fail, 10 wait for an approval, 3 look again later and 2 are uncertain.
func (b *bench) fill(secret string, runs int) {
	b.Helper()
	workflows := map[int]string{75: "greet", 85: "breaks", 95: "ask", 98: "slow", 100: "doubtful"}
	var all sync.WaitGroup
	const callers = 64
	for caller := range callers {
		all.Go(func() {
			for i := caller; i < runs; i += callers {
				workflow, least := "", 101
				for under, name := range workflows {
					if i*37%100 < under && under < least {
						workflow, least = name, under
					}
				}
				var inputs map[string]any
				if workflow == "greet" {
					inputs = map[string]any{"who": fmt.Sprint("person ", i)}
				}
				b.start(secret, workflow, fmt.Sprintf("SR-%d", i), inputs)
			}
		})
	}
	all.Wait()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		left, err := b.runner.List(b.Context(), engine.Query{WaitsFor: engine.WaitProcess, Limit: 1})
		if err != nil {
			b.Fatal(err)
		}
		working, err := b.runner.List(b.Context(), engine.Query{Status: engine.Running, Limit: 1})
		if err != nil {
			b.Fatal(err)
		}
		if len(left)+len(working) == 0 {
			return
		}
		if time.Now().After(deadline) {
			b.Fatal("the runs are not done")
		}
	}
}

// BenchmarkPages asks for pages of a journal with 10,000 runs, over loopback. It reports how long the first byte of
// the whole answer takes and how many bytes a browser loads.
func BenchmarkPages(b *testing.B) {
	at := newBench(b, setting{folder: b.TempDir()})
	desk := at.as("desk", access.Requester)
	at.fill(desk, 10_000)
	one := func(q engine.Query) string {
		q.Limit = 1
		found, err := at.runner.List(b.Context(), q)
		if err != nil || len(found) != 1 {
			b.Fatal(found, err)
		}
		return "/runs/" + found[0].Run
	}
	succeeded, asking, uncertain := one(engine.Query{Status: engine.Succeeded}), one(engine.Query{WaitsFor: engine.WaitPerson}), one(engine.Query{Status: engine.Uncertain})
	robin := at.signedIn(at.token(access.Token{Name: "robin", Person: "robin", Roles: []access.Role{access.Operator, access.Approver}}))
	requester := at.signedIn(desk)
	for _, page := range []struct {
		name, address string
		who           *visitor
	}{
		{"inbox", "/", robin}, {"inbox of a requester", "/", requester}, {"runs", "/runs", robin}, {"runs of a requester", "/runs", requester},
		{"waiting runs", "/runs?status=waiting", robin}, {"failed runs", "/runs?status=failed&workflow=breaks", robin}, {"request", "/requests/SR-7", robin}, {"find", "/find?q=SR-7", robin},
		{"run that succeeded", succeeded, robin}, {"run that asks", asking, robin}, {"uncertain run", uncertain, robin}, {"question", asking + "/questions/ok", robin}, {"uncertain question", uncertain + "/questions/act", robin},
		{"style sheet", "/console.css", robin},
	} {
		b.Run(page.name, func(b *testing.B) {
			size, zipped := page.who.size(b, page.address)
			for b.Loop() {
				if a := page.who.get(page.address); a.status != http.StatusOK && a.status != http.StatusSeeOther {
					b.Fatal(a.status)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/page")
			b.ReportMetric(float64(size)/1024, "KiB")
			b.ReportMetric(float64(zipped)/1024, "KiB-gzip")
		})
	}
}

// size returns how many bytes a page has, and how many a browser loads.
func (v *visitor) size(t testing.TB, address string) (size, zipped int) {
	t.Helper()
	a := v.get(address, "Accept-Encoding", "gzip")
	zipped = len(a.text)
	if a.header.Get("Content-Encoding") != "gzip" {
		return zipped, zipped
	}
	z, err := gzip.NewReader(strings.NewReader(a.text))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, z)
	if err != nil {
		t.Fatal(err)
	}
	return int(n), zipped
}
