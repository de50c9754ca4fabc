package ec2

import (
	"bytes"
	"io"
	"net/http"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
)

// A sender sends each request with its own copy of the body. The SDK closes its body as soon as the
// answer begins. If net/http then still looks for the end of that body, it takes the request for
// broken and closes the connection in the middle of the answer. A restart that EC2 accepted would
// then be uncertain.
type sender struct{ client sdk.HTTPClient }

// Do implements sdk.HTTPClient.
func (s sender) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return s.client.Do(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	own := r.WithContext(r.Context())
	own.Body = io.NopCloser(bytes.NewReader(body))
	return s.client.Do(own)
}
