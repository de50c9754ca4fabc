package console

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// smallest is from how many bytes on an answer is compressed.
const smallest = 1 << 10

// send writes an answer, compressed if the browser takes that. A page holds no secret that somebody
// could guess by its length: the origin of forms is checked by headers, not by a secret in the page.
func send(w http.ResponseWriter, r *http.Request, status int, data []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(data) >= smallest && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is one of gzip's
		}
		_, _ = z.Write(data) // a buffer takes everything
		_ = z.Close()
		data = b.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	_, _ = w.Write(data) // a browser that has gone reads nothing
}
