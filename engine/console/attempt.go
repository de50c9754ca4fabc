package console

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"errand/engine/openid"
)

// A begunSignIn is a sign-in that goes on at the identity provider. It is sealed in a cookie of the
// browser in which it began: whoever could read it could finish it.
type begunSignIn struct {
	Attempt openid.Attempt `json:"attempt"`
	Next    string         `json:"next"` // where the person goes afterwards
}

// attemptCookie is the name of that cookie, attemptPath the only place to which browsers send it, and
// attemptLasts how long a person may take at the provider's page.
const (
	attemptCookie = "errand-attempt"
	attemptPath   = "/sign-in"
	attemptLasts  = 10 * time.Minute
)

// keepAttempt sends a sign-in to the browser. The provider sends the person back from another site, so
// the cookie cannot be Strict as that of the session is.
func (c *Console) keepAttempt(v *visit, b begunSignIn) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	http.SetCookie(v.write, c.attemptCookie(v.request, c.seal(text), int(attemptLasts/time.Second)))
	return nil
}

// takeAttempt returns the sign-in that the browser has begun, and makes the browser forget it. The zero
// sign-in, which cannot be finished, stands for one that is missing or was not sealed here.
func (c *Console) takeAttempt(v *visit) begunSignIn {
	http.SetCookie(v.write, c.attemptCookie(v.request, "", -1))
	given := v.request.CookiesNamed(attemptCookie)
	if len(given) != 1 { // of two, nobody knows which one is ours
		return begunSignIn{}
	}
	text, ok := c.unseal(given[0].Value)
	var b begunSignIn
	if !ok || json.Unmarshal(text, &b) != nil {
		return begunSignIn{}
	}
	return b
}

func (c *Console) attemptCookie(r *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: attemptCookie, Value: value, Path: attemptPath,
		HttpOnly: true, Secure: c.isSecure(r), SameSite: http.SameSiteLaxMode, MaxAge: age,
	}
}

// seal encrypts a text, so that only this service can read it and nobody can change it.
func (c *Console) seal(text []byte) string {
	return base64.RawURLEncoding.EncodeToString(c.attemptSeal().Seal(nil, nil, text, []byte(attemptCookie)))
}

// unseal returns what was sealed.
func (c *Console) unseal(sealed string) (text []byte, ok bool) {
	data, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, false
	}
	text, err = c.attemptSeal().Open(nil, nil, data, []byte(attemptCookie))
	return text, err == nil
}

// attemptSeal returns the cipher, whose key is derived from that of the service for this purpose only.
func (c *Console) attemptSeal() cipher.AEAD {
	key, err := hkdf.Key(sha256.New, c.Key[:], nil, "errand-console-sign-in-1", 32)
	if err != nil {
		panic(err) // the length is one that HKDF has
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length is one that AES has
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // the cipher is AES
	}
	return aead
}
