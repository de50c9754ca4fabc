package cmd_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"errand/cmd"
	"errand/tasks"
)

// The doctor compares the clock with the dates of the systems' answers.
func TestDoctorComparesClocks(t *testing.T) {
	for _, test := range []struct {
		name  string
		ahead time.Duration // this machine, before the systems
		dated bool
		want  string // of EC2
		code  int
	}{
		{"the same time", 0, true, "", cmd.ExitSucceeded},
		{"no date", time.Hour, false, "", cmd.ExitSucceeded},
		{"a bit ahead", 2 * time.Minute, true, "! clock: this machine's clock is 2m", cmd.ExitSucceeded},
		{"a bit behind", -2 * time.Minute, true, "! clock: this machine's clock is ", cmd.ExitSucceeded},
		{"far ahead", time.Hour, true, "✗ clock: this machine's clock is 1h", cmd.ExitConfiguration},
		{"far behind", -time.Hour, true, "✗ clock: this machine's clock is ", cmd.ExitConfiguration},
	} {
		t.Run(test.name, func(t *testing.T) {
			systems := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"] = nil // the server sets none
				if test.dated {
					w.Header().Set("Date", time.Now().Add(-test.ahead).UTC().Format(http.TimeFormat))
				}
				if !strings.HasPrefix(r.URL.Path, "/ec2") {
					_, _ = io.WriteString(w, `{"data":{"items":[]},"error":null,"status":"OK"}`)
					return
				}
				w.WriteHeader(http.StatusPreconditionFailed)
				_, _ = io.WriteString(w, `<Response><Errors><Error><Code>DryRunOperation</Code><Message>Request would have succeeded</Message></Error></Errors><RequestID>r</RequestID></Response>`)
			}))
			defer systems.Close()
			for name, value := range map[string]string{
				"AWS_ENDPOINT_URL_EC2": systems.URL + "/ec2", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret-of-the-doctor",
				"ERRAND_ISM_APP_URL": systems.URL, "ERRAND_ISM_USER_AUTH_TOKEN": "token", "ERRAND_ISM_SLICE_TOKEN": "slice",
				"ERRAND_ISM_WEBSERVICE_USER_NAME": "errand", "ERRAND_ISM_WEBSERVICE_USER_PASSWORD": "password-of-the-doctor",
				"HOME": t.TempDir(), "AWS_PROFILE": "", "AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "none"),
			} {
				t.Setenv(name, value)
			}
			var stdout, stderr bytes.Buffer
			c := &cmd.Command{
				Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Connectors: tasks.Connectors,
				Getenv: func(name string) string {
					return map[string]string{"ERRAND_HOME": filepath.Join(t.TempDir(), "home")}[name]
				},
			}
			code := c.Run(t.Context(), []string{"doctor"})
			if code != test.code {
				t.Errorf("exit %d, want %d\n%s%s", code, test.code, &stdout, &stderr)
			}
			side := " ahead of the clock of "
			if test.ahead < 0 {
				side = " behind the clock of "
			}
			for _, system := range []string{"Amazon EC2", "Intelligent"} {
				says := strings.Contains(stdout.String(), side+system)
				if says != (test.want != "") || !strings.Contains(stdout.String(), test.want) {
					t.Errorf("want %q about %s in\n%s", test.want, system, &stdout)
				}
			}
		})
	}
}
