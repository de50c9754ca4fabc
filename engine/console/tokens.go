package console

import (
	"net/http"
	"slices"
	"time"

	"errand/engine/access"
)

// A tokensPage lists the tokens. It shows no secret, because nobody has them: only hashes are stored.
type tokensPage struct {
	frame
	Tokens   []tokenRow
	Provided int // the sessions of people whom the identity provider signed in
}

// A tokenRow is a token in the table.
type tokenRow struct {
	access.Token
	State    state
	Soon     bool // it expires within two weeks
	Sessions int  // the browsers that are signed in with it
}

// showTokens lists the tokens: first those that can be used, in the order in which they were made.
func showTokens(c *Console, v *visit) error {
	tokens, err := c.Tokens.Tokens(v.context())
	if err != nil {
		return troubled("reading the tokens", err)
	}
	sessions, err := c.liveSessions(v.context())
	if err != nil {
		return err
	}
	count := map[string]int{}
	for _, s := range sessions {
		count[s.Token]++
	}
	p := tokensPage{frame: c.frame(v, "Tokens"), Provided: count[""]}
	now := c.now()
	for _, t := range tokens {
		p.Tokens = append(p.Tokens, tokenRow{t, tokenState(t, now), t.IsValid(now) && isSoon(t.Expires, now), count[t.Name]})
	}
	slices.SortStableFunc(p.Tokens, func(a, b tokenRow) int {
		switch isValid := a.IsValid(now); {
		case isValid == b.IsValid(now):
			return 0
		case isValid:
			return -1
		}
		return 1
	})
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

func tokenState(t access.Token, now time.Time) state {
	switch {
	case !t.Revoked.IsZero():
		return marked("revoked", "stop")
	case !t.IsValid(now):
		return marked("expired", "wait")
	case isSoon(t.Expires, now):
		return marked("expires soon", "ask")
	}
	return marked("valid", "good")
}

// isSoon reports whether a time comes within two weeks: what ends then should be replaced.
func isSoon(t, now time.Time) bool {
	return !t.IsZero() && t.After(now) && t.Sub(now) <= 14*24*time.Hour
}
