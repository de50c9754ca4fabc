package service

import (
	"context"
	"net/http"
	"reflect"

	"errand/engine/access"
)

// A route is one thing that can be asked for.
type route struct {
	method, pattern string
	action          string // its name in the audit log, the log and the OpenAPI document, such as run.start
	summary         string
	may             access.Permission
	changes         bool // it changes something: each call has an entry in the audit log
	records         bool // of changes: the handler puts the entry in the log with the change, if it makes one
	query           []parameter
	request         reflect.Type  // of the JSON body; nil: there is none
	optionalBody    bool          // the body may be missing
	rawBody         bool          // the handler reads the body itself
	answers         []answerShape // of success
	problems        []int         // the statuses of problems beside those that every route has
	headers         []parameter   // of the request
	handle          func(*Server, *call) (answer, error)
}

// An answerShape is a status that a route answers with.
type answerShape struct {
	status  int
	about   string
	media   string       // "" means application/json
	also    string       // another media type, which the caller can ask for; "" means none
	body    reflect.Type // nil: there is no body, or it is not JSON
	headers []parameter  // that the answer always has
}

// A parameter is one of a route's query or headers.
type parameter struct {
	name, about string
	schema      map[string]any
}

// A call is one request, after its token and its body were examined.
type call struct {
	http  *http.Request
	write http.ResponseWriter
	who   caller
	route *route
	body  any // a pointer to a value of the route's request type; nil if there is none

	recorded bool // the handler has put the entry of the call in the audit log
}

func (c *call) context() context.Context { return c.http.Context() }

// An answer is what a route returns. The zero status means that the handler has written the answer
// itself.
type answer struct {
	status int
	body   any
	header http.Header
}

// bodyOf is the type of a body.
func bodyOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
