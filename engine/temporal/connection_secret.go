package temporal

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"strings"

	"go.temporal.io/sdk/contrib/envconfig"

	"errand/engine/plainfile"
)

// maxSecretFile is the maximum size of a file with a key or a certificate, in bytes.
const maxSecretFile = 1 << 20

func readFile(file string) ([]byte, error) {
	f, err := plainfile.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err == nil && len(text) > maxSecretFile {
		err = errors.New("it is larger than 1 MiB")
	}
	return text, err
}

// readAPIKey reads the file of an API key.
func readAPIKey(file string) (string, error) {
	text, err := readFile(file)
	if err != nil {
		return "", fileTrouble("the file with the API key", file, err)
	}
	key := strings.TrimSpace(string(text))
	if key == "" {
		return "", settings("", "the file with the API key %s is empty", quotePath(file))
	}
	return key, nil
}

// checkAPIKey reports what no header can contain. The library would quote it.
func checkAPIKey(key string) error {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return settings("", "the API key has a character that no API key has; expected one line of letters, digits and punctuation")
		}
	}
	return nil
}

// checkTLS reads the files and certificates that the settings name, so that each error says which of
// them is wrong. None quotes their content.
func checkTLS(t *envconfig.ClientConfigTLS) error {
	if t == nil || t.Disabled {
		return nil
	}
	cert, err := content("the client's certificate", t.ClientCertPath, t.ClientCertData)
	if err != nil {
		return err
	}
	key, err := content("the key of the client's certificate", t.ClientKeyPath, t.ClientKeyData)
	if err != nil {
		return err
	}
	switch {
	case cert.is() && !key.is():
		return settings("", "there is a client's certificate without its key")
	case key.is() && !cert.is():
		return settings("", "there is a key without the client's certificate")
	case cert.is():
		if err := checkPair(cert, key); err != nil {
			return err
		}
	}
	ca, err := content("the certificate of the server's authority", t.ServerCACertPath, t.ServerCACertData)
	if err == nil && ca.is() && !x509.NewCertPool().AppendCertsFromPEM(ca.text) {
		err = settings("", "%s has no certificate in PEM", ca.what)
	}
	return err
}

// checkPair reports whether a certificate and a key can be read and fit each other.
func checkPair(cert, key source) error {
	if !strings.Contains(string(cert.text), "-----BEGIN CERTIFICATE-----") {
		return settings("", "%s has no certificate in PEM", cert.what)
	}
	if !strings.Contains(string(key.text), "PRIVATE KEY-----") {
		return settings("", "%s has no private key in PEM", key.what)
	}
	if _, err := tls.X509KeyPair(cert.text, key.text); err != nil {
		return settings("", "%s and %s cannot be used: %w", cert.what, key.what, err)
	}
	return nil
}

// A source is a certificate or a key, with its description.
type source struct {
	what string
	text []byte
}

func (s source) is() bool { return len(s.text) > 0 }

// content returns what a setting names: a file, or the text itself from a variable or the profile.
func content(what, file string, data []byte) (source, error) {
	switch {
	case file != "" && len(data) > 0:
		return source{}, settings("", "%s is given twice: as a file and as data", what)
	case file == "":
		return source{what, data}, nil
	}
	text, err := readFile(file)
	if err != nil {
		return source{}, fileTrouble("the file with "+what, file, err)
	}
	if len(text) == 0 {
		return source{}, settings("", "the file with %s %s is empty", what, quotePath(file))
	}
	return source{"the file with " + what + " " + quotePath(file), text}, nil
}
