package console

import (
	"net/http"
	"strings"
	"sync"

	"errand/engine/chart"
	"errand/engine/graph"
	"errand/engine/timeline"
)

// styleSheet is the style sheet of the pages and of the pictures in them.
var styleSheet = sync.OnceValue(func() string {
	return strings.Join([]string{read("console.css"), graph.StyleSheet(), timeline.StyleSheet(), chart.StyleSheet()}, "\n")
})

func read(file string) string {
	data, err := files.ReadFile("static/" + file)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(data)
}

func showStyle(_ *Console, v *visit) error { return v.static("text/css; charset=utf-8", styleSheet()) }
func showScript(_ *Console, v *visit) error {
	return v.static("text/javascript; charset=utf-8", read("console.js"))
}
func showIcon(_ *Console, v *visit) error { return v.static("image/svg+xml", read("icon.svg")) }

// static answers with a file of the program, which browsers keep for a while.
func (v *visit) static(media, text string) error {
	h := v.write.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "max-age=300")
	send(v.write, v.request, http.StatusOK, []byte(text))
	return nil
}
