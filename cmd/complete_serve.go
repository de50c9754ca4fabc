package cmd

import (
	"context"
	"slices"
	"time"

	"errand/engine/access"
)

func (c *serveTokenAdd) values(_ context.Context, p *partial) []candidate {
	switch p.flag {
	case "role":
		return plainWords(access.Roles...)
	case "workflow":
		return c.definitions.names()
	case "expires":
		return plainWords("12h", "30d", "90d", "never")
	}
	return nil
}

// words returns the tokens that are not revoked.
func (c *serveTokenRevoke) words(ctx context.Context, p *partial) []candidate {
	var found []candidate
	c.withHome(ctx, func(o *opened) {
		if o.Tokens() == nil {
			return
		}
		tokens, _ := o.Tokens().Tokens(ctx)
		for _, t := range tokens {
			if t.Revoked.IsZero() {
				found = append(found, candidate{t.Name, tokenStatus(t, time.Now()) + ", " + aboutToken(t)})
			}
		}
	})
	return p.first(found)
}

func (c *servePause) words(_ context.Context, p *partial) []candidate {
	return p.first(append([]candidate{{access.PausedIntake, "everything that intake starts"}}, c.definitions.names()...))
}

// words returns what is paused.
func (c *serveUnpause) words(ctx context.Context, p *partial) []candidate {
	var found []candidate
	c.withHome(ctx, func(o *opened) {
		if o.Pauses() == nil {
			return
		}
		paused, _ := o.Pauses().Paused(ctx)
		for _, one := range paused {
			found = append(found, candidate{one.Name, "by " + one.By + ", " + shortTime(one.At)})
		}
	})
	return p.first(found)
}

// names returns the workflows that a name can mean, without files.
func (d *definitions) names() []candidate {
	return slices.DeleteFunc(d.words(), func(c candidate) bool { return c == files })
}
