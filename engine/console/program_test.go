package console

import (
	"net/http"
	"regexp"
	"testing"

	"errand/engine/access"
)

// Under another program the pages name its commands.
func TestPagesNameTheProgram(t *testing.T) {
	o := openOffice(t, func(c *Config) { c.Program = "errand-worker" })
	ada := o.signedIn("ada", access.Admin)
	foreign := regexp.MustCompile(`\berrand (serve|runs|credentials|doctor)\b`)
	for path, want := range map[string]string{
		"/tokens": "errand-worker serve token add NAME", "/audit": "errand-worker serve audit verify",
		"/workflows": "errand-worker serve --definitions",
	} {
		page := ada.get(path).want(http.StatusOK).says(want)
		if named := foreign.FindString(page.words()); named != "" {
			t.Errorf("%s names %q", path, named)
		}
	}
	all, err := files.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		text, err := files.ReadFile("templates/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if named := foreign.Find(text); named != nil {
			t.Errorf("%s names %q; write {{program}}", e.Name(), named)
		}
	}
}
