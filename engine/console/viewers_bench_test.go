package console_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine/access"
)

// BenchmarkViewers keeps 200 pages open, half of them the inbox and half the page of a run, of a journal
// with 1,000 runs. In each round a run is started, and every page that hears of a change is fetched again, as
// the script does. It reports how long a round takes until all pages have been fetched once, and the memory
// of the process at its peak, the 200 viewers included: the heap in use, and the stacks.
func BenchmarkViewers(b *testing.B) {
	const viewers = 200
	at := newBench(b, setting{folder: b.TempDir()})
	desk := at.as("desk", access.Requester)
	at.fill(desk, "SR-", 1000)
	run := at.start(desk, "ask", "", nil)
	robin := at.signedIn(at.as("robin", access.Operator))
	ctx, stop := context.WithCancel(b.Context())
	var watching sync.WaitGroup
	var fetched [viewers]atomic.Int64
	opened := make(chan struct{}, viewers)
	for i := range viewers {
		query, address := "all", "/"
		if i%2 == 1 {
			query, address = "run="+run, "/runs/"+run
		}
		watching.Go(func() {
			first := sync.OnceFunc(func() { opened <- struct{}{} })
			defer first()
			at.view(ctx, b, robin.secret(), query, func() {
				first()
				if a := robin.get(address, "Sec-Fetch-Dest", "empty"); a.status == http.StatusOK {
					fetched[i].Add(1)
				}
			})
		})
	}
	for range viewers {
		<-opened
	}
	peak := at.peak(ctx, &watching)
	for b.Loop() {
		var before [viewers]int64
		for i := range fetched {
			before[i] = fetched[i].Load()
		}
		at.start(desk, "greet", "", map[string]any{"who": "Kim"})
		for i := 0; i < viewers; i += 2 {
			for fetched[i].Load() == before[i] {
				time.Sleep(time.Millisecond)
			}
		}
	}
	stop()
	watching.Wait()
	b.ReportMetric(float64(peak.Load())/(1<<20), "MiB")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/round")
}

// view opens an event stream on a connection that keeps little memory of its own, and calls fetch after
// each change.
func (b *bench) view(ctx context.Context, t testing.TB, secret, query string, fetch func()) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		t.Error(err)
		return
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err := fmt.Fprintf(conn, "GET /live?%s HTTP/1.1\r\nHost: x\r\nCookie: errand-session=%s\r\nSec-Fetch-Dest: empty\r\n\r\n", query, secret); err != nil {
		t.Error(err)
		return
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 1<<10), 1<<10)
	for lines.Scan() {
		if lines.Text() == "event: changed" {
			fetch()
		}
	}
	if ctx.Err() == nil {
		t.Error("a stream has ended:", lines.Err())
	}
}

// peak returns the most memory that the process has in use until a context ends.
func (b *bench) peak(ctx context.Context, all *sync.WaitGroup) *atomic.Uint64 {
	var most atomic.Uint64
	runtime.GC()
	all.Go(func() {
		for ctx.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse+m.StackInuse))
			time.Sleep(20 * time.Millisecond)
		}
	})
	return &most
}
