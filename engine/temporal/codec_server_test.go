package temporal

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
)

// gate lets in whoever has the word; only admins may encode.
type gate struct{}

func (gate) Allowed(r *http.Request) bool {
	switch r.Header.Get("Authorization") {
	case "Bearer admin":
		return true
	case "Bearer operator":
		return strings.HasSuffix(r.URL.Path, "/decode")
	}
	return false
}

const pageOrigin = "https://temporal.example.com"

func TestEndpoint(t *testing.T) {
	store, _ := newStore(t)
	c := newCodec(t, store)
	h := c.Endpoint(pageOrigin, gate{})
	encoded, err := c.Encode([]*commonpb.Payload{payload("json/plain", `"a text"`)})
	if err != nil {
		t.Fatal(err)
	}
	plain := payload("json/plain", `"beside"`)
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: []*commonpb.Payload{encoded[0], plain}})
	if err != nil {
		t.Fatal(err)
	}
	broken, err := protojson.Marshal(&commonpb.Payloads{Payloads: []*commonpb.Payload{payload(encodingEncrypted, "broken")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		name, method, path, origin, token string
		body                              []byte
		status                            int
		allowed                           string // the origin that the answer allows
	}{
		{"the page", "POST", "/decode", pageOrigin, "operator", body, 200, pageOrigin},
		{"the command line", "POST", "/decode", "", "operator", body, 200, ""},
		{"a namespace", "POST", "/desk/decode", pageOrigin, "operator", body, 200, pageOrigin},
		{"encode", "POST", "/encode", pageOrigin, "admin", body, 200, pageOrigin},
		{"encode with fewer rights", "POST", "/encode", pageOrigin, "operator", body, 401, pageOrigin},
		{"no token", "POST", "/decode", pageOrigin, "", body, 401, pageOrigin},
		{"a wrong token", "POST", "/decode", pageOrigin, "guess", body, 401, pageOrigin},
		{"another page", "POST", "/decode", "https://evil.example.com", "operator", body, 403, ""},
		{"a page with a similar name", "POST", "/decode", pageOrigin + ".evil.example.com", "operator", body, 403, ""},
		{"no origin", "POST", "/decode", "null", "operator", body, 403, ""},
		{"a question before", "OPTIONS", "/decode", pageOrigin, "", nil, 204, pageOrigin},
		{"a question of another page", "OPTIONS", "/decode", "https://evil.example.com", "", nil, 403, ""},
		{"another method", "GET", "/decode", pageOrigin, "operator", nil, 405, pageOrigin},
		{"another path", "POST", "/", pageOrigin, "operator", body, 404, pageOrigin},
		{"a deeper path", "POST", "/a/b/decode", pageOrigin, "operator", body, 404, pageOrigin},
		{"no JSON", "POST", "/decode", "", "operator", []byte("{"), 400, ""},
		{"too much", "POST", "/decode", "", "operator", bytes.Repeat([]byte(" "), maxCodecBody+1), 400, ""},
		{"a broken payload", "POST", "/decode", "", "operator", broken, 400, ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			request := httptest.NewRequest(r.method, r.path, bytes.NewReader(r.body))
			for name, value := range map[string]string{"Origin": r.origin, "Authorization": "Bearer " + r.token} {
				if value != "" && value != "Bearer " {
					request.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, request)
			answer := w.Result()
			text, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != r.status || answer.Header.Get("Access-Control-Allow-Origin") != r.allowed {
				t.Fatalf("got %d, allowed is %q: %.200s; want %d, %q", answer.StatusCode, answer.Header.Get("Access-Control-Allow-Origin"), text, r.status, r.allowed)
			}
			if answer.Header.Get("Cache-Control") != "no-store" {
				t.Error("the answer may be kept")
			}
			if r.status != 200 {
				if strings.Contains(string(text), "a text") || strings.Contains(string(text), "payloads") {
					t.Errorf("a refusal says %s", text)
				}
				return
			}
			got := decodeAnswer(t, text)
			if strings.HasSuffix(r.path, "/encode") {
				if got, err = c.Decode(got); err != nil {
					t.Fatal(err)
				}
			} else if string(got[0].Data) != `"a text"` {
				t.Errorf("got %v", got)
			}
			if string(got[1].Data) != `"beside"` || len(got) != 2 {
				t.Errorf("got %v", got)
			}
		})
	}
	// Without an origin no page may use it.
	closed := c.Endpoint("", gate{})
	request := httptest.NewRequest(http.MethodPost, "/decode", bytes.NewReader(body))
	request.Header.Set("Origin", pageOrigin)
	request.Header.Set("Authorization", "Bearer operator")
	w := httptest.NewRecorder()
	if closed.ServeHTTP(w, request); w.Code != http.StatusForbidden {
		t.Errorf("without an origin: %d", w.Code)
	}
}

func decodeAnswer(t *testing.T, text []byte) []*commonpb.Payload {
	t.Helper()
	if !json.Valid(text) {
		t.Fatalf("the answer is %s", text)
	}
	var all commonpb.Payloads
	if err := protojson.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Payloads
}

// Temporal's own client for such endpoints understands the answers.
func TestEndpointWithTheClientOfTheLibrary(t *testing.T) {
	store, _ := newStore(t)
	s := httptest.NewServer(newCodec(t, store).Endpoint("", gate{}))
	t.Cleanup(s.Close)
	remote := converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{Endpoint: s.URL, ModifyRequest: func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer admin")
		return nil
	}})
	encoded, err := remote.Encode([]*commonpb.Payload{payload("json/plain", `"a text"`)})
	if err != nil || !isEncrypted(encoded[0]) {
		t.Fatalf("encoded is %v, %v", encoded, err)
	}
	decoded, err := remote.Decode(encoded)
	if err != nil || string(decoded[0].Data) != `"a text"` {
		t.Errorf("decoded is %v, %v", decoded, err)
	}
}
