package service

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ParsePublicURL returns the address under which people reach the service, as Config.PublicURL has it:
// without a slash at its end. The address is written into worklogs and mails, so it must not have
// characters that end a link there. It must be https, unless it is one of this machine. The error says
// what is wrong, and does not repeat a password.
func ParsePublicURL(text string) (string, error) {
	u, err := url.Parse(text)
	if e, ok := errors.AsType[*url.Error](err); ok {
		return "", e.Err
	}
	switch {
	case err != nil:
		return "", err
	case u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "":
		return "", errors.New("it must begin with https://")
	case u.User != nil:
		return "", errors.New("it must not have a user or a password")
	case strings.ContainsAny(text, "?#"):
		return "", errors.New("it must not have a query or a fragment")
	case !isHost(u.Hostname()):
		return "", fmt.Errorf("%q is not the name or the address of a host", u.Hostname())
	case !isPort(u.Port()) || strings.HasSuffix(u.Host, ":"):
		return "", fmt.Errorf("%q does not end with a port", u.Host)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "", fmt.Errorf("people reach %q over http only on this machine; use https", u.Hostname())
	}
	if p := u.EscapedPath(); p != "" && p != "/" {
		return "", fmt.Errorf("the path %q must be left out: the pages are at the root of their host", p)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

func isLetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// isHost reports whether a text is an IP address or a name in DNS.
func isHost(host string) bool {
	if at, err := netip.ParseAddr(host); err == nil {
		return at.Zone() == ""
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || strings.Trim(label, "-") != label || strings.ContainsFunc(label, func(r rune) bool { return r != '-' && !isLetterOrDigit(r) }) {
			return false
		}
	}
	return len(host) <= 253
}

// isPort reports whether a text is the number of a port, or empty.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && n > 0
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && at.Unmap().IsLoopback()
}
