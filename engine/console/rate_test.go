package console_test

import (
	"net/http"
	"testing"

	"errand/engine/access"
	"errand/engine/service"
)

// The pages are no way around the limit of a token: they count as requests of it, those of all its
// browsers together.
func TestPagesAreLimited(t *testing.T) {
	b := newBench(t, setting{rate: service.Rate{PerSecond: 0.001, Burst: 4}})
	secret := b.as("olga", access.Operator)
	one, other := b.signedIn(secret), b.signedIn(secret)
	allowed := 0
	for range 4 {
		for _, browser := range []*visitor{one, other} {
			switch a := browser.get("/runs"); a.status {
			case http.StatusOK:
				allowed++
			case http.StatusTooManyRequests:
			default:
				t.Fatalf("the page answers %d", a.status)
			}
		}
	}
	if allowed != 4 {
		t.Errorf("%d pages are answered, expected 4", allowed)
	}
	if a := b.signedIn(b.as("lena", access.Operator)).get("/runs"); a.status != http.StatusOK {
		t.Errorf("another token is limited, too: %d", a.status)
	}
}
