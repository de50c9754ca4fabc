package service

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
)

// A cursor says where the next page begins. It is sealed, so that a caller can bring back only what
// the service gave out, for the same question.

// seal returns the cursor behind a position. query is the question; its cursor and limit are not
// part of it.
func (s *Server) seal(route *route, query url.Values, position string) *string {
	data := append(s.sign(route, query, position), position...)
	text := base64.RawURLEncoding.EncodeToString(data)
	return &text
}

// open returns the position in the cursor of a query, or "" if the query has none.
func (s *Server) open(route *route, query url.Values) (position string, err error) {
	if !query.Has("cursor") {
		return "", nil
	}
	data, err := base64.RawURLEncoding.DecodeString(query.Get("cursor"))
	if err != nil || len(data) < signatureSize || !hmac.Equal(data[:signatureSize], s.sign(route, query, string(data[signatureSize:]))) {
		return "", badQuery("cursor", "the cursor is not one that this question got; leave it out to begin again")
	}
	return string(data[signatureSize:]), nil
}

const signatureSize = 16

// sign returns a signature of a position for a question.
func (s *Server) sign(route *route, query url.Values, position string) []byte {
	asked := url.Values{}
	for name, values := range query {
		if name != "cursor" && name != "limit" {
			asked[name] = values
		}
	}
	text, err := json.Marshal([]string{"cursor", route.action, asked.Encode(), position})
	if err != nil {
		panic(err) // texts can always be encoded
	}
	mac := hmac.New(sha256.New, s.Key[:])
	_, _ = mac.Write(text) // it never fails
	return mac.Sum(nil)[:signatureSize]
}
