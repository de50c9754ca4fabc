package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"errand/engine/schema"
)

// MaxBody is how many bytes a body may have.
const MaxBody = 64 << 10

// readBody reads the body of a request into a value of the route's type. What does not fit the type
// is refused, and so is what the type does not have.
func readBody(c *call) error {
	if c.route.request == nil || c.route.rawBody {
		return nil
	}
	data, err := readAll(c)
	if err != nil {
		return err
	}
	into := reflect.New(c.route.request)
	c.body = into.Interface()
	none := len(data) == 0 && c.route.optionalBody
	if none && c.http.Header.Get("Content-Type") == "" {
		return nil
	}
	if err := checkMedia(c.http.Header); err != nil || none { // many clients say that a body is JSON also if there is none
		return err
	}
	return decodeBody(data, c.route.request, c.body)
}

// checkMedia refuses a body that is not plain JSON by its headers. A proxy and the service must not
// read different things in it, so each header may come once only.
func checkMedia(h http.Header) error {
	refused := func(detail string) error {
		return &Problem{Status: http.StatusUnsupportedMediaType, Code: "media_type", Detail: detail, Hint: "send one header Content-Type: application/json"}
	}
	if coding := h.Values("Content-Encoding"); len(coding) > 0 {
		return refused("the body has the content coding " + quoted(coding[0]) + "; expected none")
	}
	given := strings.Join(h.Values("Content-Type"), ", ") // two are none
	if media, params, err := mime.ParseMediaType(given); err != nil || media != "application/json" || !isUTF8(params) {
		return refused("the body has the media type " + quoted(given) + "; expected application/json")
	}
	return nil
}

// isUTF8 reports whether the parameters of a media type name no other charset.
func isUTF8(params map[string]string) bool {
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// readAll reads a body that is not too large.
func readAll(c *call) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(c.write, c.http.Body, MaxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &Problem{Status: http.StatusRequestEntityTooLarge, Code: "too_large", Detail: fmt.Sprintf("the body has more than %d bytes", MaxBody)}
	}
	if err != nil {
		return nil, &Problem{Status: http.StatusBadRequest, Code: "body", Detail: "the body could not be read"}
	}
	return data, nil
}

// decodeBody decodes JSON as people write it: see schema.ReadJSON. encoding/json alone would accept
// repeated members and names in other cases.
func decodeBody(data []byte, of reflect.Type, into any) error {
	if _, faults := schema.ReadJSON(string(data)); len(faults) > 0 {
		p := &Problem{Status: http.StatusBadRequest, Code: "json", Detail: "the body is not JSON that can be read"}
		for _, f := range faults {
			p.Problems = append(p.Problems, FieldProblem{Message: fmt.Sprintf("byte %d: %s", f.From, f.Message), Hint: f.Help})
		}
		return p
	}
	if _, err := schema.Reflect(of).Decode(data); err != nil {
		return unfit("the body does not have the expected members", misfits(err))
	}
	if err := json.Unmarshal(data, into); err != nil {
		return unfit("the body does not have the expected members", []FieldProblem{{Message: err.Error()}})
	}
	return nil
}

// unfit is the problem of something that was sent and has the wrong shape.
func unfit(detail string, problems []FieldProblem) *Problem {
	return &Problem{Status: http.StatusUnprocessableEntity, Code: "unfit", Detail: detail, Problems: problems}
}

// misfits returns what is wrong with a value, by an error of its type.
func misfits(err error) []FieldProblem {
	all := schema.Misfits(err)
	problems := make([]FieldProblem, len(all))
	for i, m := range all {
		problems[i] = FieldProblem{Field: m.Path, Message: m.Message}
		if len(m.Known) > 0 {
			problems[i].Hint = "known members are " + strings.Join(m.Known, ", ")
		}
	}
	return problems
}
