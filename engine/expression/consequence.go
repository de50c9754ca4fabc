package expression

import (
	"slices"
	"strings"
)

// A Consequence is a rule: if the value at Path is known not to be null, the conditions in Then hold.
// A step that has run shows that the conditions were true under which it runs, and what they read
// has not changed since.
type Consequence struct {
	Path string
	Then []string // canonical texts
}

// follow assumes what follows from the fact that the value at a path is not null.
func (c *checker) follow(path string) {
	for i, q := range c.scope.Consequences {
		if rest, ok := strings.CutPrefix(path, q.Path); !ok || rest != "" && rest[0] != '.' && rest[0] != '[' || slices.Contains(c.followed, i) {
			continue
		}
		c.followed = append(c.followed, i)
		for _, text := range q.Then {
			if tree, problem := parse(text); problem == nil {
				c.assume(tree, true)
			}
		}
	}
}

// assumeNull records that a value is null: then every place is null on which that depends.
func (c *checker) assumeNull(v value) {
	if len(c.scope.Proofs) == 0 || len(c.variables) > 0 || len(c.elements) > 0 {
		return
	}
	for _, path := range v.causes {
		c.texts = append(c.texts, path+" == nil")
	}
}
