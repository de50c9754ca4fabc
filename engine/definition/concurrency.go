package definition

import (
	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// A Concurrency is `concurrency: {key}`: of the runs with the same key, one works at a time.
type Concurrency struct {
	Range diag.Range // the position of the key `concurrency`
	Key   Value      // a text that may contain expressions
}

// concurrencyKeys are the keys of `concurrency`.
var concurrencyKeys = []string{"key"}

// concurrency reads `concurrency`.
func (r *reader) concurrency(m *mapping) *Concurrency {
	n := m.get("concurrency")
	if n == nil {
		return nil
	}
	const example = `"instance/${{ inputs.instance_id }}"`
	c := &Concurrency{Range: m.at("concurrency"), Key: Value{Kind: schema.Any}}
	if target := follow(n); target.Kind == yaml.ScalarNode && !r.reported[target] && !isEmpty(target) {
		r.reportLoneKey(target)
		return c
	}
	in, ok := r.mapping(n, `"concurrency"`, `a mapping such as {key: `+example+`}`)
	if !ok {
		return c
	}
	in.keepKnown("concurrency", concurrencyKeys)
	if in.require("key", c.Range, "add key: with a text, such as "+example, `"concurrency"`) {
		c.Key = r.message(in.get("key"), `"key"`, "write a text, such as "+example)
	}
	return c
}

// reportLoneKey reports a key that is written without a mapping around it.
func (r *reader) reportLoneKey(n *yaml.Node) {
	p := r.reportWrongType(n, `"concurrency"`, "a mapping with key", "write key: with the text below concurrency:")
	if text, _, ok := r.written(n); ok {
		p.Help = "write {key: " + text + "}"
		p.Fix = &diag.Fix{Title: "make it a mapping", Range: p.Range, Text: "{key: " + text + "}"}
		if plain(n.Style) {
			p.Help = "write {key: " + quote(n.Value) + "}"
			p.Fix.Text = "{key: " + quote(n.Value) + "}"
		}
	}
}
