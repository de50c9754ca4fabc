package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/schema"
)

// A PayloadError says what is wrong with a payload.
type PayloadError struct{ Misfits []schema.Misfit }

func (e *PayloadError) Error() string {
	if len(e.Misfits) == 1 {
		return "the payload does not fit its schema: " + e.Misfits[0].Error()
	}
	return fmt.Sprintf("the payload does not fit its schema in %d places, the first: %v", len(e.Misfits), e.Misfits[0])
}

// ReadPayload reads a payload of a webhook. If it does not fit the schema, the error is a
// *PayloadError.
func (s *Source) ReadPayload(data []byte) (Values, error) {
	value, err := s.Payload.Decode(withoutMark(data))
	if err != nil {
		return nil, &PayloadError{schema.Misfits(err)}
	}
	return Values{rootPayload: value}, nil
}

// payload reads the type of a webhook's payload from the file that `schema` names. It returns a type
// of kind "" if there is a problem: nothing is reported about what reads it.
func (c *check) payload() schema.Type {
	name := c.tree.Schema
	if name.Value == "" {
		return schema.Type{} // the parser has reported a problem
	}
	file := filepath.FromSlash(name.Value)
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(filepath.FromSlash(c.tree.File)), file)
	}
	found, err := c.Library.Read(file)
	if err != nil {
		p := diag.Problem{Rule: "bad-schema", Range: name.Range, Message: "the schema cannot be read: " + err.Error()}
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, library.ErrNotFound) {
			p.Message, p.Label = fmt.Sprintf("there is no file %q", found.File), "no such file"
			p.Help = "write the file's name as it is seen from the folder of this file"
		}
		c.report(p)
		return schema.Type{}
	}
	t, problems := payloadType(found.File, found.Text)
	if len(problems) == 0 {
		return t
	}
	c.problems = append(c.problems, problems...)
	return schema.Type{}
}

// payloadType returns the type that a JSON Schema describes.
func payloadType(file string, source []byte) (schema.Type, []diag.Problem) {
	data, places, problems := definition.PlacedData(file, source)
	if len(problems) > 0 {
		for i := range problems {
			problems[i].Rule = "bad-schema" // whatever is wrong, the schema cannot be used
		}
		return schema.Type{}, problems
	}
	tree, faults := schema.ReadJSON(string(data))
	if len(faults) > 0 { // PlacedData writes JSON that can be read
		return schema.Type{}, []diag.Problem{{Rule: "bad-schema", Range: diag.Range{File: file}, Message: faults[0].Message}}
	}
	r := &schemaReader{file: file, places: places}
	t := r.payload(tree)
	return t, diag.Sort(r.problems)
}
