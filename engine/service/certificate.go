package service

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is a certificate with its key in files, which are read again when they change. A pair
// that cannot be read never replaces a good one.
type Certificate struct {
	certFile, keyFile string
	clientCA          string // "": clients need no certificate
	log               *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	files   [3]fileStamp
	current *tls.Config
}

// A fileStamp is how a file looked when it was read.
type fileStamp struct {
	size    int64
	changed time.Time
}

// lookAgain is how long a certificate is used before its files are examined again.
const lookAgain = time.Second

// NewCertificate reads a certificate. If clientCA is not empty, clients need a certificate of one of
// the authorities in that file. log may be nil.
func NewCertificate(certFile, keyFile, clientCA string, log *slog.Logger) (*Certificate, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Certificate{certFile: certFile, keyFile: keyFile, clientCA: clientCA, log: log}
	c.files = c.stamps()
	var err error
	c.current, err = c.read()
	c.looked = time.Now()
	return c, err
}

// Config returns the configuration of a server. Each connection uses the files as they are then.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.now(), nil }}
}

var protocols = []string{"h2", "http/1.1"}

// now returns the configuration of the files as they are now, or the last good one.
func (c *Certificate) now() *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookAgain {
		return c.current
	}
	c.looked = time.Now()
	found := c.stamps()
	if found == c.files {
		return c.current
	}
	read, err := c.read()
	if err != nil {
		c.log.Error("the certificate cannot be read; the older one is used", slog.Any("error", err))
		return c.current
	}
	c.files, c.current = found, read
	c.log.Info("the certificate was read again", slog.String("file", c.certFile))
	return read
}

func (c *Certificate) stamps() (all [3]fileStamp) {
	for i, file := range []string{c.certFile, c.keyFile, c.clientCA} {
		if info, err := os.Stat(file); err == nil {
			all[i] = fileStamp{info.Size(), info.ModTime()}
		}
	}
	return all
}

// read reads the files.
func (c *Certificate) read() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return nil, fmt.Errorf("the certificate %s with the key %s: %w", c.certFile, c.keyFile, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, Certificates: []tls.Certificate{pair}}
	if c.clientCA == "" {
		return config, nil
	}
	text, err := os.ReadFile(c.clientCA)
	if err != nil {
		return nil, fmt.Errorf("the authorities of clients: %w", err)
	}
	config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !config.ClientCAs.AppendCertsFromPEM(text) {
		return nil, errors.New("the authorities of clients: " + c.clientCA + " has no certificate in PEM form")
	}
	return config, nil
}
