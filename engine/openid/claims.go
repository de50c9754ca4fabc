package openid

import (
	"encoding/json"
	"fmt"
	"strings"

	"errand/engine"
)

// claims are what an ID token says.
type claims map[string]json.RawMessage

// text returns a claim that is a text. ok is false if there is none. The claim email is none if the
// provider says that it is not verified.
func (c claims) text(name string) (text string, ok bool) {
	if name == claimEmail && !c.isEmailGood() {
		return "", false
	}
	var read *string
	if json.Unmarshal(c[name], &read) != nil || read == nil || *read == "" {
		return "", false
	}
	return *read, true
}

// isEmailGood reports whether the email counts. Some providers write email_verified as a text.
func (c claims) isEmailGood() bool {
	said := strings.ToLower(strings.Trim(string(c["email_verified"]), `" `))
	return said == "" || said == "null" || said == "true"
}

// subject returns the provider's name of the account, which never changes and is never used again.
func (c claims) subject() (string, *RefusedError) {
	subject, ok := c.text("sub")
	if !ok || len(subject) > 255 || strings.ContainsFunc(subject, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", refuseIdentity("the ID token has no subject of at most 255 printable characters")
	}
	return subject, nil
}

// person returns the name of the person in the first of some claims that has one.
func (c claims) person(names ...string) (string, bool) {
	for _, name := range names {
		if text, ok := c.text(name); ok {
			return text, true
		}
	}
	return "", false
}

// groups returns the groups in a claim, each once.
func (c claims) groups(name string) ([]string, *RefusedError) {
	var elsewhere map[string]json.RawMessage
	if json.Unmarshal(c["_claim_names"], &elsewhere) == nil && elsewhere[name] != nil {
		return nil, &RefusedError{Code: CodeRoles, Message: fmt.Sprintf("you belong to more groups than the provider sends in the claim %q; "+
			"at the provider, let an administrator send only the groups that are assigned to this application", name)}
	}
	if name == claimEmail && !c.isEmailGood() {
		return nil, nil
	}
	var list []string
	var one *string
	if json.Unmarshal(c[name], &one) == nil && one != nil {
		list = []string{*one}
	} else if raw := c[name]; raw != nil && json.Unmarshal(raw, &list) != nil {
		return nil, refuseSettings(fmt.Sprintf("the claim %q is neither a list of texts nor a text", name))
	}
	var groups []string
	seen := map[string]bool{}
	for _, g := range list {
		if folded := engine.FoldName(g); folded != "" && !seen[folded] {
			seen[folded] = true
			groups = append(groups, g)
		}
	}
	return groups, nil
}
