package definition

import "slices"

// StepKeys lists the keys that may stand in a step beside those that it has: where it has the key of a form, those that belong to the
// form, else those of all forms.
func StepKeys(has []string) []string {
	own := slices.IndexFunc(has, isForm)
	var keys []string
	add := func(key string) {
		if !slices.Contains(has, key) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range stepKeys {
		add(key)
	}
	for _, f := range forms {
		if own >= 0 && f.key != has[own] {
			continue
		}
		add(f.key)
		for _, key := range f.keys {
			add(key)
		}
	}
	return keys
}

// IsIdentifier tells whether a text can name an input, a step, a branch or an item.
func IsIdentifier(name string) bool { return identifier.MatchString(name) }

// Reserved says what a name is in every expression already, so that no item of a for_each can have it; or "".
func Reserved(name string) string { return reserved(name) }
