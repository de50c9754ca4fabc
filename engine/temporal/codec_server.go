package temporal

import (
	"net/http"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// maxCodecBody is the maximum size of a request to the endpoint of a codec, in bytes.
const maxCodecBody = 32 << 20

// A Gate decides about requests to the endpoint of a codec.
type Gate interface {
	// Allowed reports whether a request may be carried out. The path of the URL ends with /decode or
	// /encode. Who may decode reads everything about all runs. Who may encode can make messages to
	// runs that count as those of a worker, such as a decision in the name of somebody else.
	Allowed(r *http.Request) bool
}

// Endpoint returns the handler of /decode and /encode, with which Temporal's page and command line
// show what a codec has encrypted. A page can use it only if it comes from one origin, such as
// "https://temporal.example.com"; an empty one allows no page. The command line sends no origin.
// Whoever serves the handler must use TLS, except on loopback: what it returns is not encrypted.
func (c *Codec) Endpoint(origin string, gate Gate) http.Handler {
	codec := converter.NewPayloadCodecHTTPHandler(viewer{c})
	routes := http.NewServeMux()
	for _, path := range []string{"/decode", "/encode", "/{namespace}/decode", "/{namespace}/encode"} {
		routes.HandleFunc("OPTIONS "+path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		routes.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if !gate.Allowed(r) {
				w.Header().Set("WWW-Authenticate", "Bearer")
				http.Error(w, "expected a token that may read all runs", http.StatusUnauthorized)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, maxCodecBody)
			codec.ServeHTTP(w, r)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Origin")
		if from := r.Header.Get("Origin"); from != "" {
			if from != origin {
				http.Error(w, "pages of this origin may not use the codec", http.StatusForbidden)
				return
			}
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Allow-Methods", "POST")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Namespace")
		}
		routes.ServeHTTP(w, r)
	})
}

// A viewer decodes for people. It leaves payloads that are not encrypted as they are, because a page
// sends all that it has.
type viewer struct{ *Codec }

// Decode decrypts the payloads that are encrypted.
func (v viewer) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	decoded := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if decoded[i] = p; !isEncrypted(p) {
			continue
		}
		one, err := v.Codec.Decode([]*commonpb.Payload{p})
		if err != nil {
			return nil, err
		}
		decoded[i] = one[0]
	}
	return decoded, nil
}
