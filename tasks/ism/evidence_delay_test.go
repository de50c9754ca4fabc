package ism

import (
	"strings"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

// The evidence delay is a parameter of the credential. A short one is accepted, with a warning.
func TestEvidenceDelay(t *testing.T) {
	for _, c := range []struct {
		stored string
		delay  time.Duration
		warns  string
		refuse string
	}{
		{"", 90 * time.Second, "", ""},
		{"2m", 2 * time.Minute, "", ""},
		{"1m", time.Minute, "", ""},
		{" 59s ", 59 * time.Second, "is 59s; a request that takes effect later than that is sent twice; 1m or more is safe", ""},
		{"0", 0, "is 0s; ", ""},
		{"90", 0, "", `evidence_delay is "90", not a duration; write it like 90s or 2m`},
		{"-1m", 0, "", `evidence_delay is "-1m", not a duration`},
	} {
		t.Run(c.stored, func(t *testing.T) {
			s := &tasktest.Script{Answers: []tasktest.Answer{ok(`{"items":[],"totalCount":0}`), ok(`{"items":[],"totalCount":0}`)}}
			d := newDriver(t, task.Environment{Transport: s})
			t.Setenv("ERRAND_ISM_APP_URL", "https://csm.example.com")
			for name, value := range secrets {
				t.Setenv("ERRAND_ISM_"+strings.ToUpper(name), value)
			}
			t.Setenv("ERRAND_ISM_EVIDENCE_DELAY", c.stored)
			if c.refuse != "" {
				if err := d.Ready(""); err == nil || !strings.Contains(err.Error(), c.refuse) {
					t.Errorf("got %v, want %s", err, c.refuse)
				}
				return
			}
			sys := &system{env: task.Environment{Transport: s}}
			a, err := sys.access(t.Context(), "")
			if err != nil || a.evidenceDelay != c.delay {
				t.Errorf("the delay is %s, %v; want %s", a.evidenceDelay, err, c.delay)
			}
			var warned strings.Builder
			for _, check := range d.Connector.Validate(t.Context(), "") {
				if check.Warning && check.OK && check.Parameter == "evidence_delay" {
					warned.WriteString(check.Message)
				}
			}
			if c.warns == "" && warned.String() != "" || !strings.HasPrefix(warned.String(), c.warns) {
				t.Errorf("the warning is %q, want %q", warned.String(), c.warns)
			}
		})
	}
}

// What does not fit is refused when the credential is stored.
func TestEvidenceDelayMustFit(t *testing.T) {
	d := newDriver(t, task.Environment{})
	values := task.Conceal(credential("https://csm.example.com"))
	values["evidence_delay"] = task.Conceal(map[string]string{"evidence_delay": "soon"})["evidence_delay"]
	for _, check := range d.Connector.Fit(values) {
		if check.Parameter == "evidence_delay" && !check.OK && strings.Contains(check.Message, `"soon"`) {
			return
		}
	}
	t.Error("a delay that is no duration fits")
}
