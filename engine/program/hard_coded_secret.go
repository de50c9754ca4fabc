package program

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/pattern"
	"errand/engine/schema"
)

const ruleSecret = "hard-coded-secret"

// hardCodedSecrets refuses secrets in a definition, because every run keeps a copy of its source. A
// text with the shape of a secret is found everywhere, also in comments. A value that is named like
// a secret is found if the value has a name.
func (c *compiler) hardCodedSecrets() {
	found := c.shapedSecrets()
	named := func(name definition.Text, v definition.Value) {
		at, shaped := v.Range, false
		for _, p := range found { // report each secret once
			shaped = shaped || p.Range.Start.Line >= at.Start.Line && p.Range.Start.Line <= at.End.Line
		}
		if !shaped {
			c.secret(at, `"`+name.Value+`"`, "is a secret")
		}
	}
	for _, declared := range c.definition.Inputs {
		for in := range declared.Within() {
			if in.Default != nil {
				namedSecrets(in.Name, *in.Default, named)
			}
		}
	}
	for s := range c.definition.AllSteps() {
		if form, ok := s.Form.(definition.Caller); ok {
			for _, e := range form.Arguments() {
				namedSecrets(e.Key, e.Value, named)
			}
		}
	}
	for _, e := range c.definition.Outputs {
		namedSecrets(e.Key, e.Value, named)
	}
}

// secret reports a secret. what is the secret in words.
func (c *compiler) secret(at diag.Range, what, label string) {
	p := diag.Problem{
		Rule: ruleSecret, Range: at, Hidden: true, Message: what + " is written into the definition", Label: label,
		Help:  "keep the secret in a stored credential, and write the credential's name under `credentials`",
		Notes: []string{"every run keeps a copy of its definition: assume that others know the secret, and replace it"},
	}
	if c.owner == ownerRule {
		p.Message = what + " is written into the intake file"
		p.Help = "remove it; the workflow has its secrets from stored credentials"
		p.Notes = []string{"every run keeps its inputs: assume that others know the secret, and replace it"}
	}
	c.report(p)
}

// A shape describes what one kind of secret looks like.
type shape struct {
	what  string
	holds []string // every match contains one of these; a search for them is fast
	*pattern.Pattern
	isOne func(found string) bool // checks a match; nil accepts all matches
}

var shapes = []shape{
	{"the id of an AWS access key", []string{"AKIA", "ASIA"}, pattern.New(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`), isNoExample},
	{"a private key", []string{"PRIVATE KEY-----"}, pattern.New(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:[^-]*-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----)?`), nil},
	{"a token (JWT)", []string{"eyJ"}, pattern.New(`\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,}`), isJWT},
}

// shapedSecrets reports each text that looks like a secret, and returns these problems.
func (c *compiler) shapedSecrets() []diag.Problem {
	before := len(c.problems)
	source := string(c.definition.Source)
	for _, s := range shapes {
		if !slices.ContainsFunc(s.holds, func(text string) bool { return strings.Contains(source, text) }) {
			continue
		}
		for _, at := range s.Regexp().FindAllStringIndex(source, -1) {
			if found := source[at[0]:at[1]]; s.isOne == nil || s.isOne(found) {
				c.secret(c.rangeOf(at[0], at[1]), s.what, "looks like "+s.what)
			}
		}
	}
	for _, p := range c.problems[before:] {
		if strings.Contains(p.Message, "AWS") {
			c.secretKeyBeside(source, p.Range.Start.Line)
		}
	}
	return c.problems[before:]
}

func (c *compiler) rangeOf(from, to int) diag.Range {
	return diag.Range{File: c.definition.File, Start: diag.Place(c.definition.Source, from), End: diag.Place(c.definition.Source, to)}
}

// secretKey matches the secret half of an AWS access key, which has no prefix.
var secretKey = pattern.New(`[A-Za-z0-9/+=]+`)

// secretKeyBeside looks for the secret key on the line of the key's id and on three lines before
// and after it.
func (c *compiler) secretKeyBeside(source string, line int) {
	const around = 3
	from, _ := diag.Offset(c.definition.Source, diag.Position{Line: max(1, line-around), Column: 1})
	to, ok := diag.Offset(c.definition.Source, diag.Position{Line: line + around + 1, Column: 1})
	if !ok {
		to = len(source)
	}
	for _, at := range secretKey.Regexp().FindAllStringIndex(source[from:to], -1) {
		found := source[from+at[0] : from+at[1]]
		if len(found) == 40 && strings.ContainsFunc(found, unicode.IsUpper) && strings.ContainsFunc(found, unicode.IsLower) &&
			strings.ContainsFunc(found, unicode.IsDigit) && isNoExample(found) {
			c.secret(c.rangeOf(from+at[0], from+at[1]), "an AWS secret access key", "looks like the secret key for the id beside it")
		}
	}
}

// isNoExample reports whether a key is not from Amazon's documentation, such as
// AKIAIOSFODNN7EXAMPLE.
func isNoExample(found string) bool { return !strings.Contains(found, "EXAMPLE") }

// isJWT reports whether the first part of a text is the header of a JSON Web Token.
func isJWT(found string) bool {
	head, _, _ := strings.Cut(found, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(head)
	var header struct {
		Algorithm string `json:"alg"`
	}
	return err == nil && json.Unmarshal(decoded, &header) == nil && header.Algorithm != ""
}

// namedSecrets visits the literal texts whose name says that they are secret. Inside an object, a
// name may be a label for people, such as a field of a worklog. There, a text counts only if it
// also looks like a password.
func namedSecrets(name definition.Text, v definition.Value, visit func(definition.Text, definition.Value)) {
	if namesSecret(name.Value) {
		if text, ok := literalText(v); ok && !isPlaceholder(text) {
			visit(name, v)
		}
	}
	var within func(v definition.Value)
	within = func(v definition.Value) {
		for _, item := range v.Items {
			within(item)
		}
		for _, e := range v.Entries {
			if namesSecret(e.Key.Value) {
				if text, ok := literalText(e.Value); ok && looksLikePassword(text) {
					visit(e.Key, e.Value)
				}
			}
			within(e.Value)
		}
	}
	within(v)
}

// literalText returns the text of a value, if it is the same in every run.
func literalText(v definition.Value) (string, bool) {
	if v.Kind != schema.String {
		return "", false
	}
	var b strings.Builder
	for _, part := range v.Parts {
		if part.Expression == nil {
			b.WriteString(part.Literal)
			continue
		}
		compiled, _ := expression.Compile(part.Expression.Source, expression.Scope{})
		if compiled == nil {
			return "", false
		}
		value, _ := compiled.Constant()
		text, ok := value.(string)
		if !ok {
			return "", false
		}
		b.WriteString(text)
	}
	if len(v.Parts) == 0 {
		return v.Text.Value, true
	}
	return b.String(), true
}

// secretWords are the endings of names of secrets, in lower case and without separators. A word in
// the middle of a name says something about the secret and does not count: password_length is not a
// password.
var secretWords = []string{"password", "passwd", "pwd", "passphrase", "secret", "secretkey", "secretaccesskey", "token", "apikey", "privatekey"}

// harmlessTokens are the endings of names that are not secrets: such a token makes a request
// unique, or names a page of a list.
var harmlessTokens = []string{"clienttoken", "clientrequesttoken", "requesttoken", "idempotencytoken", "nexttoken", "pagetoken", "continuationtoken"}

func namesSecret(name string) bool {
	plain := strings.Map(func(c rune) rune {
		if c == '_' || c == '-' || c == ' ' || c == '.' {
			return -1
		}
		return unicode.ToLower(c)
	}, name)
	return endsWithOne(plain, secretWords) && !endsWithOne(plain, harmlessTokens)
}

func endsWithOne(name string, ends []string) bool {
	for _, end := range ends {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// isPlaceholder reports whether a text only marks the place of a secret: it is empty, dots or
// stars, <password>, $NAME, or the address at which the secret is kept.
func isPlaceholder(text string) bool {
	text = strings.TrimSpace(text)
	switch {
	case strings.Trim(text, "*.xX-_") == "",
		strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">"),
		strings.HasPrefix(text, "$"), strings.HasPrefix(text, "arn:"), strings.Contains(text, "://"):
		return true
	}
	switch strings.ToLower(text) {
	case "none", "null", "no", "yes", "true", "false", "unset", "unknown", "default":
		return true
	}
	return false
}

// looksLikePassword reports whether a text is probably not written for people: it is a single word
// of letters and other characters.
func looksLikePassword(text string) bool {
	if utf8.RuneCountInString(text) < 6 || strings.ContainsFunc(text, unicode.IsSpace) || isPlaceholder(text) {
		return false
	}
	letters := strings.ContainsFunc(text, unicode.IsLetter)
	others := strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !strings.ContainsRune("-_.,;:!?()…", c) })
	return letters && others
}
