package tasktest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"errand/engine/task"
)

// tooMuch is the size of the answers of TestSizes. Whoever reads them has no limit.
const tooMuch = 256 << 20

// TestSizes checks that a connector reads no more of an answer than it allows, whether the answer
// has no end or is small until it is decompressed, under good and bad statuses, for a change and
// for the requests of Validate. limit names the limit in messages: "1 MiB".
func TestSizes(t *testing.T, target Target, limit string) {
	var small bytes.Buffer
	w := gzip.NewWriter(&small)
	for range tooMuch >> 20 {
		_, _ = w.Write(make([]byte, 1<<20)) // a buffer takes all
	}
	_ = w.Close()
	for name, send := range map[string]func(http.ResponseWriter, int) int64{
		"without an end": func(w http.ResponseWriter, status int) (sent int64) {
			w.WriteHeader(status)
			for sent < tooMuch {
				n, err := w.Write(make([]byte, 1<<20))
				if sent += int64(n); err != nil {
					break
				}
			}
			return sent
		},
		"compressed": func(w http.ResponseWriter, status int) int64 {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			n, _ := w.Write(small.Bytes()) // an error means that the client has had enough
			return int64(n)
		},
	} {
		for _, status := range []int{200, 400, 503} {
			t.Run(fmt.Sprintf("%s, %d", name, status), func(t *testing.T) {
				var sent atomic.Int64
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { sent.Add(send(w, status)) }))
				d := target.Drive(t, server.URL, nil)
				before := allocated()
				reply := d.Type(target.Type).Run(t.Context(), task.Call{Input: json.RawMessage(target.Input), Note: target.Note})
				if f := reply.Failure; f == nil || !f.Unknown || !strings.Contains(f.Message, "longer than "+limit) {
					t.Errorf("got %+v", reply)
				}
				if checks := d.Connector.Validate(t.Context(), ""); len(checks) == 0 || checks[0].OK {
					t.Errorf("validate got %+v", checks)
				}
				used := allocated() - before
				server.Close() // waits for the requests
				if used > tooMuch/2 || sent.Load() > tooMuch/2 {
					t.Errorf("%d MiB of memory were used, and %d MiB sent", used>>20, sent.Load()>>20)
				}
			})
		}
	}
}

// allocated returns how many bytes the program has allocated since it started.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}
