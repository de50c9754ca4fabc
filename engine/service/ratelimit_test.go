package service_test

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"

	"errand/engine/access"
	"errand/engine/service"
)

// A token that makes too many requests is told when to come back, whatever it asks for. Nothing is
// changed for it, and no other token is affected.
func TestRateOfAToken(t *testing.T) {
	const burst = 4
	b := newBench(t, func(c *service.Config) { c.Rate = service.Rate{PerSecond: 0.001, Burst: burst} })
	eager, other := b.as("eager", access.Admin), b.as("other", access.Admin)
	for range burst {
		b.ask(eager, http.MethodGet, "/v1/runs", "").want(http.StatusOK)
	}
	for _, c := range []struct{ method, path, body string }{
		{http.MethodGet, "/v1/runs", ""}, {http.MethodPost, "/v1/runs", `{"workflow":"greet","inputs":{"who":"Dana"}}`},
		{http.MethodGet, "/v1/openapi.json", ""}, {http.MethodGet, "/v1/nothing", ""}, {http.MethodDelete, "/v1/runs", ""},
	} {
		r := b.ask(eager, c.method, c.path, c.body).want(http.StatusTooManyRequests, "too_many_requests")
		if wait, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || wait < 900 || wait > 1000 {
			t.Errorf("%s %s: Retry-After is %q", c.method, c.path, r.header.Get("Retry-After"))
		}
	}
	if r := b.ask(other, http.MethodGet, "/v1/runs", "").want(http.StatusOK); r.text != `{"version":1,"runs":[],"next":null}`+"\n" {
		t.Errorf("the runs are %s", r.text)
	}
	b.ask("", http.MethodGet, "/healthz", "").want(http.StatusOK)
	for range 3 * burst { // without a token the answer stays the same
		b.ask("nothing", http.MethodGet, "/v1/runs", "").want(http.StatusUnauthorized, "no_token")
	}
	if without, limited := b.server.Denied(); without != 3*burst || limited != 5 {
		t.Errorf("%d requests without a token and %d too many are counted", without, limited)
	}
}

// Without a rate there is no limit.
func TestNoRate(t *testing.T) {
	b := newBench(t)
	token := b.as("eager", access.Admin)
	for range 300 {
		b.ask(token, http.MethodGet, "/v1/openapi.json", "").want(http.StatusOK)
	}
}

// Tokens that make no more requests are not counted for ever.
func TestFewTokensAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if n, err := service.Counted(service.Rate{PerSecond: 2}, 50_000); err != nil || n > 10_000 {
			t.Errorf("%d tokens are counted, %v", n, err)
		}
	})
}

// At once come the requests of one second, and at least one.
func TestRequestsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for rate, want := range map[float64]int{0.1: 1, 1: 1, 3: 3, 3.5: 4, 100: 100, 0: 1000} {
			if got := service.Admitted(service.Rate{PerSecond: rate}, 1000); got != want {
				t.Errorf("at %g a second: %d at once, want %d", rate, got, want)
			}
		}
	})
}
