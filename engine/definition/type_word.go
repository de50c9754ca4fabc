package definition

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/pattern"
	"errand/engine/schema"
)

// otherKinds are names of types in other languages and tools.
var otherKinds = map[string]string{
	"str": "string", "text": "string", "int": "integer", "long": "integer", "float": "number", "double": "number", "decimal": "number", "bool": "boolean",
	"array": "list", "stringlist": "list", "map": "object", "mapping": "object", "dict": "object", "json": "object", "timedelta": "duration",
}

var (
	// listWord is a type such as "list of strings", list[string], list(string) or array<string>.
	listWord = pattern.New(`^(?i:list|array|set|sequence)(?: +of +([^ ].*)| *\[(.*)\]| *\((.*)\)| *<(.*)>)$`)
	// itemsWord is a type such as string[], []string or [string].
	itemsWord = pattern.New(`^(?:(.*)\[\]|\[\](.*)|\[(.+)\])$`)
	// membersWord is a type such as map(string) or dict[str, int].
	membersWord = pattern.New(`^(?i:map|dict|object)(?: +of +.*| *[\[(<].*[\])>])$`)
	// onlyLetters is a word that can be a misspelt type. In any other, the signs have a meaning.
	onlyLetters = pattern.New(`^[A-Za-z]+$`)
)

// longestTypeWord is the greatest length of a word that is read as a type, in bytes. It bounds the
// recursion.
const longestTypeWord = 200

// A typeWord is a type as people write it who know another language.
type typeWord struct {
	kind     string // of this language; "" if unknown
	items    string // the declaration of the items, such as {type: string}; "" if the word does not name them
	optional bool   // the word says that there may be no value, such as string?
	choice   string // what to write, if the word can mean two types
}

// readTypeWord reads a type of this language or of another one.
func readTypeWord(word string) typeWord {
	if word = strings.TrimSpace(word); len(word) > longestTypeWord {
		return typeWord{}
	}
	if bare := strings.Trim(word, "?"); bare != word {
		w := readTypeWord(bare)
		w.optional = true
		return w
	}
	if slices.Contains(schema.Kinds, word) {
		return typeWord{kind: word}
	}
	if kind := otherKinds[strings.ToLower(word)]; kind != "" {
		return typeWord{kind: kind}
	}
	if strings.EqualFold(word, "time") {
		return typeWord{choice: "use {type: duration} for a length of time, or {type: string} for a time of day"}
	}
	if membersWord.MatchString(word) {
		return typeWord{kind: string(schema.Object)}
	}
	parts := listWord.Regexp().FindStringSubmatch(word)
	if parts == nil {
		parts = itemsWord.Regexp().FindStringSubmatch(word)
	}
	if parts == nil {
		return readPlural(word)
	}
	item := strings.TrimSpace(strings.Join(parts[1:], ""))
	items := readTypeWord(item)
	if items.kind == "" {
		items = readTypeWord(strings.TrimSuffix(item, "s"))
	}
	list := typeWord{kind: string(schema.List), items: items.declaration()}
	switch {
	case items.choice != "":
		list.choice = "for its items, " + items.choice
	case items.optional:
		list.choice = "use type: list, and items: " + list.items + "; an item cannot be null"
	}
	return list
}

// readPlural reads a type such as strings: one text, or several.
func readPlural(word string) typeWord {
	single, plural := strings.CutSuffix(word, "s")
	if !plural {
		return typeWord{}
	}
	if w := readTypeWord(single); w.kind != "" && w.choice == "" {
		return typeWord{choice: "use {type: " + w.kind + "}, or {type: list, items: " + w.declaration() + "} for several"}
	}
	return typeWord{}
}

// declaration returns what declares the type, such as {type: list, items: {type: string}}.
func (w typeWord) declaration() string {
	if w.kind == "" {
		return ""
	}
	text := "{type: " + w.kind
	if w.items != "" {
		text += ", items: " + w.items
	}
	return text + "}"
}

// typeWordOf reads a type that is written as a value: a word, or a list that holds nothing but a word.
func typeWordOf(n *yaml.Node) typeWord {
	switch n = follow(n); {
	case n.Kind == yaml.ScalarNode:
		return readTypeWord(n.Value)
	case n.Kind == yaml.SequenceNode && len(n.Content) == 1 && n.Content[0].Kind == yaml.ScalarNode:
		if items := readTypeWord(n.Content[0].Value); items.kind != "" {
			return typeWord{kind: string(schema.List), items: items.declaration()}
		}
	}
	return typeWord{}
}

// declaration reads the mapping that declares an input, a member or the items of a list.
func (r *reader) declaration(n *yaml.Node, what string) (*mapping, bool) {
	const want = "a mapping with a type, such as {type: string}"
	word := typeWordOf(n)
	write := word.declaration()
	if word.optional && write != "" && what != `"items"` {
		write = strings.TrimSuffix(write, "}") + ", required: false}"
	}
	target := follow(n)
	switch {
	case r.reported[target] || isEmpty(target) || target.Kind == yaml.MappingNode:
		return r.mapping(n, what, want)
	case word.choice != "":
		r.reportWrongType(n, what, want, word.choice)
		return nil, false
	case write == "" && target.Kind == yaml.ScalarNode && what != `"items"`:
		r.reportWrongType(n, what, want, "write "+r.declarationOf(target))
		return nil, false
	case write == "":
		return r.mapping(n, what, want)
	}
	p := r.reportWrongType(n, what, want, "write "+write)
	if target.Kind == yaml.ScalarNode && !(word.optional && what == `"items"`) {
		p.Fix = &diag.Fix{Title: p.Help, Range: p.Range, Text: write}
	}
	return nil, false
}

// declarationOf returns what declares an input with a value as its default.
func (r *reader) declarationOf(value *yaml.Node) string {
	kind := schema.String
	if plain(value.Style) {
		kind, _, _ = readPlain(value.Value)
	}
	text, _, ok := r.written(value)
	if kind == schema.String && plain(value.Style) {
		text = bare(value.Value)
	}
	if _, err := schema.ParseDuration(value.Value); err == nil {
		kind = schema.Duration
	}
	if kind == schema.Null || !ok {
		return "{type: string}"
	}
	return "{type: " + string(kind) + ", default: " + text + "}"
}

// undeclared returns the first entry of a mapping that has a value instead of a declaration, as an input.
// The value is its default, unless it is a text, which may be a secret. undeclared returns "" if there is
// no such entry.
func (r *reader) undeclared(n *yaml.Node) string {
	n = follow(n)
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		switch value := follow(n.Content[i+1]); value.Kind {
		case yaml.ScalarNode:
			written := r.declarationOf(value)
			if strings.HasPrefix(written, "{type: string") {
				written = "{type: string}"
			}
			return n.Content[i].Value + ": " + written
		case yaml.SequenceNode:
			return n.Content[i].Value + ": {type: list}"
		}
	}
	return ""
}

// kind reads the type in a declaration.
func (r *reader) kind(m *mapping, noun string) (schema.Kind, diag.Range) {
	t, ok := r.literalLike(m.get("type"), `"type"`, "one of "+strings.Join(schema.Kinds, ", "), kindName)
	switch {
	case !ok:
		return "", t.Range
	case slices.Contains(schema.Kinds, t.Value):
		return schema.Kind(t.Value), t.Range
	}
	p := r.report(ruleInput, t.Range, "", "%s is not a type", schema.Show(t.Value))
	word := readTypeWord(t.Value)
	switch {
	case word.choice != "":
		p.Help = word.choice
		return "", t.Range
	case word.kind == "":
		p.Help = diag.DidYouMean(t.Value, schema.Kinds)
		if kind := diag.Certain(t.Value, schema.Kinds); kind != "" && onlyLetters.MatchString(t.Value) {
			p.Fix = &diag.Fix{Title: "write " + kind, Range: t.Range, Text: kind}
		}
		return "", t.Range
	}
	entries := []string{word.kind}
	if word.items != "" && !m.has("items") {
		entries = append(entries, "items: "+word.items)
	}
	if word.optional && noun != "item" && !m.means("required") && !m.has("default") {
		entries = append(entries, "required: false")
	}
	p.Help = "write " + word.kind
	if len(entries) > 1 {
		p.Help = "use type: " + strings.Join(entries, ", and ")
	}
	if !word.optional || noun != "item" && !m.has("required") {
		p.Fix = &diag.Fix{Title: p.Help, Range: t.Range, Text: strings.Join(entries, r.nextKey(m.at("type").Start))}
	}
	return "", t.Range
}
