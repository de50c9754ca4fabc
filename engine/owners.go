package engine

// Owners returns the names under which a token and persons own runs: see Order.Owners. Empty
// names own nothing.
func Owners(token string, persons ...string) []string {
	var owners []string
	if token != "" {
		owners = append(owners, "token:"+token)
	}
	for _, p := range persons {
		if folded := FoldName(p); folded != "" {
			owners = append(owners, "person:"+folded)
		}
	}
	return owners
}
