package console

import (
	"errors"
	"mime"
	"net/http"

	"errand/engine/service"
)

// form reads what a form sent. Only the media type of forms is accepted: other sites could send some of
// the others without asking.
func (v *visit) form() (map[string][]string, error) {
	r := v.request
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, &service.Problem{Status: http.StatusUnsupportedMediaType, Code: "media_type", Detail: "the request is not that of a form", Hint: "open the page and use its button"}
	}
	r.Body = http.MaxBytesReader(v.write, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, &service.Problem{Status: http.StatusRequestEntityTooLarge, Code: "too_large", Detail: "the form has more than 256 KiB"}
		}
		return nil, &service.Problem{Status: http.StatusBadRequest, Code: "form", Detail: "the form cannot be read"}
	}
	return r.PostForm, nil
}

// maxForm is how many bytes a form may have: a body of the HTTP interface, encoded.
const maxForm = 4 * service.MaxBody

// one returns the value of a field of a form.
func one(form map[string][]string, name string) string {
	if values := form[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
