package definition

import (
	"fmt"

	"errand/engine/diag"
	"errand/engine/schema"
)

// jsonSyntax names the problem of a file of data that is not JSON. It is not a rule of the check: a
// definition is YAML.
const jsonSyntax = "json-syntax"

// jsonRules are the rules that report the faults of JSON.
var jsonRules = map[schema.JSONCode]string{
	schema.JSONSyntax:    jsonSyntax,
	schema.JSONSurrogate: ruleCharacter,
	schema.JSONRepeated:  ruleDuplicateKey,
	schema.JSONNumber:    ruleTooLarge,
	schema.JSONLimit:     ruleTooLarge,
}

// fromJSON reads a file of JSON. As in YAML, a byte order mark at the start of the file is ignored.
func (r *reader) fromJSON(text []byte) ([]byte, Positions, []diag.Problem) {
	if r.tooLong(text) {
		return nil, nil, r.problems
	}
	v, faults := schema.ReadJSON(r.text)
	for _, f := range faults {
		switch f.Code {
		case schema.JSONEmpty:
			r.reportEmpty()
		case schema.JSONEncoding:
			r.notUTF8(f.From)
		default:
			p := r.report(jsonRules[f.Code], r.span(f.From, f.To), f.Help, "%s", f.Message)
			if f.Code == schema.JSONRepeated {
				p.Notes = []string{fmt.Sprintf("the first is on line %d", r.position(f.First).Line)}
			}
		}
	}
	if len(faults) > 0 {
		return nil, nil, diag.Sort(r.problems)
	}
	return r.compact(nil, v), r.places, nil
}

// compact writes a value without white space, and notes where its parts stand in the source.
func (r *reader) compact(b []byte, v schema.JSON) []byte {
	switch v.Kind {
	case schema.List:
		b = append(b, '[')
		for i, item := range v.Items {
			if i > 0 {
				b = append(b, ',')
			}
			r.places = append(r.places, origin{len(b), r.position(item.From)})
			b = r.compact(b, item)
		}
		return append(b, ']')
	case schema.Object:
		b = append(b, '{')
		for i, m := range v.Members {
			if i > 0 {
				b = append(b, ',')
			}
			r.places = append(r.places, origin{len(b), r.position(m.Name.From)})
			b = append(schema.AppendString(b, m.Name.Text), ':')
			b = r.compact(b, m.Value)
		}
		return append(b, '}')
	case schema.String:
		return schema.AppendString(b, v.Text)
	}
	return append(b, v.Text...)
}
