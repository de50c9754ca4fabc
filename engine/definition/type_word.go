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
	"array": "list", "stringlist": "list", "map": "object", "mapping": "object", "dict": "object", "json": "object", "time": "duration", "timedelta": "duration",
}

var (
	// listWord is a type such as "list of strings", list[string], list(string) or array<string>.
	listWord = pattern.New(`^(?i:list|array|set|sequence)(?: +of +([^ ].*)| *\[(.*)\]| *\((.*)\)| *<(.*)>)$`)
	// itemsWord is a type such as string[] or []string.
	itemsWord = pattern.New(`^(?:(.*)\[\]|\[\](.*))$`)
	// membersWord is a type such as map(string) or dict[str, int].
	membersWord = pattern.New(`^(?i:map|dict|object)(?: +of +.*| *[\[(<].*[\])>])$`)
)

// A typeWord is a type as people write it who know another language.
type typeWord struct {
	kind  string // of this language; "" if unknown
	items string // the declaration of the items, such as {type: string}; "" if the word does not name them
}

// readTypeWord reads a type of this language or of another one.
func readTypeWord(word string) typeWord {
	word = strings.TrimSpace(word)
	if slices.Contains(schema.Kinds, word) {
		return typeWord{kind: word}
	}
	if kind := otherKinds[strings.ToLower(word)]; kind != "" {
		return typeWord{kind: kind}
	}
	if membersWord.MatchString(word) {
		return typeWord{kind: string(schema.Object)}
	}
	parts := listWord.Regexp().FindStringSubmatch(word)
	if parts == nil {
		parts = itemsWord.Regexp().FindStringSubmatch(word)
	}
	if parts == nil {
		return typeWord{}
	}
	item := strings.TrimSpace(strings.Join(parts[1:], ""))
	items := readTypeWord(item)
	if items.kind == "" {
		items = readTypeWord(strings.TrimSuffix(item, "s"))
	}
	return typeWord{kind: string(schema.List), items: items.declaration()}
}

// declaration returns what declares the type, such as {type: list, items: {type: string}}.
func (w typeWord) declaration() string {
	switch {
	case w.kind == "":
		return ""
	case w.items == "":
		return "{type: " + w.kind + "}"
	}
	return "{type: " + w.kind + ", items: " + w.items + "}"
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
	write := typeWordOf(n).declaration()
	if write == "" || r.reported[follow(n)] {
		return r.mapping(n, what, want)
	}
	p := r.reportWrongType(n, what, want, "write "+write)
	if follow(n).Kind == yaml.ScalarNode {
		p.Fix = &diag.Fix{Title: p.Help, Range: p.Range, Text: write}
	}
	return nil, false
}

// kind reads the type in a declaration.
func (r *reader) kind(m *mapping) (schema.Kind, diag.Range) {
	t, ok := r.literalLike(m.get("type"), `"type"`, "one of "+strings.Join(schema.Kinds, ", "), kindName)
	switch {
	case !ok:
		return "", t.Range
	case slices.Contains(schema.Kinds, t.Value):
		return schema.Kind(t.Value), t.Range
	}
	p := r.report(ruleInput, t.Range, "", "%s is not a type", schema.Show(t.Value))
	word := readTypeWord(t.Value)
	if word.kind == "" {
		p.Help = diag.DidYouMean(t.Value, schema.Kinds)
		if kind := diag.Certain(t.Value, schema.Kinds); kind != "" {
			p.Fix = &diag.Fix{Title: "write " + kind, Range: t.Range, Text: kind}
		}
		return "", t.Range
	}
	text := word.kind
	p.Help = "write " + word.kind
	if word.items != "" && !m.has("items") {
		text += r.nextKey(m.at("type").Start) + "items: " + word.items
		p.Help = "use type: " + word.kind + ", and items: " + word.items
	}
	p.Fix = &diag.Fix{Title: p.Help, Range: t.Range, Text: text}
	return "", t.Range
}
