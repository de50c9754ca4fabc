package temporal

import (
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/workflow"

	"errand/engine"
)

func TestCheckVersion(t *testing.T) {
	for _, c := range []struct {
		version Version
		message string // "" if it is right
	}{
		{Version{}, ""},
		{Version{"desk", "1.4.2"}, ""},
		{Version{"desk", ""}, `a version has a deployment and a build, got "desk" and ""`},
		{Version{"", "1"}, `a version has a deployment and a build, got "" and "1"`},
		{Version{"desk.eu", "1"}, `the deployment is "desk.eu"; expected a name without a full stop`},
		{Version{"__desk", "1"}, "Temporal's own"},
		{Version{"desk", "__unversioned__"}, "Temporal's own"},
		{Version{"desk", strings.Repeat("1", 201)}, "at most 200 bytes"},
	} {
		if err := c.version.Check(); c.message != "" {
			troubled(t, err, engine.TroubleSettings, c.message, "")
		} else if err != nil {
			t.Errorf("%+v: %v", c.version, err)
		}
	}
}

func TestWorkersArePinned(t *testing.T) {
	o := Version{"desk", "1"}.options()
	if !o.UseVersioning || o.Version.DeploymentName != "desk" || o.Version.BuildID != "1" || o.DefaultVersioningBehavior != workflow.VersioningBehaviorPinned {
		t.Errorf("got %+v", o)
	}
	if o := (Version{}).options(); o.UseVersioning {
		t.Errorf("without a version: %+v", o)
	}
}

func TestVersions(t *testing.T) {
	c, err := dial(t, Connection{Address: (&fakeServer{}).start(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	all, err := Versions(t.Context(), c, "default", "desk")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	none := time.Time{}
	want := []VersionState{
		{"b5", VersionInactive, at(5, 1), none, none},
		{"b4", VersionRamping, at(4, 1), at(4, 3), none},
		{"b3", VersionCurrent, at(3, 1), at(3, 2), none},
		{"b2", VersionDraining, at(2, 1), at(2, 4), at(2, 5)},
		{"b1", VersionDrained, at(1, 1), at(1, 4), at(1, 5)},
	}
	if len(all) != len(want) {
		t.Fatalf("got %+v", all)
	}
	for i := range want {
		if all[i] != want[i] || all[i].MayStop() != (want[i].Build == "b1") {
			t.Errorf("got %+v, may stop: %v; want %+v", all[i], all[i].MayStop(), want[i])
		}
	}
	if all, err := Versions(t.Context(), c, "default", "none"); all != nil || err != nil {
		t.Errorf("an unknown deployment has %v, %v", all, err)
	}
	troubled(t, Promote(t.Context(), c, Version{}), engine.TroubleSettings, "there is no version", "")
	troubled(t, Promote(t.Context(), c, Version{"a.b", "c"}), engine.TroubleSettings, "expected a name without a full stop", "")
}
