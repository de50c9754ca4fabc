package ec2

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

const (
	defaultRegion   = "us-east-1"
	defaultEndpoint = "ec2.us-east-1.amazonaws.com"
)

// An endpoint is where requests go. Where url is empty, the SDK finds it from the region.
type endpoint struct{ region, url string }

var (
	regionalHost = regexp.MustCompile(`^ec2\.([a-z]{2,}(?:-[a-z]+)+-[0-9]+)\.amazonaws\.com(?:\.cn)?$`)
	regionInHost = regexp.MustCompile(`(?:^|\.)([a-z]{2}(?:-[a-z]+)+-[0-9]+)(?:\.|$)`)
)

// parseEndpoint reads a region endpoint: a region's public host, which stands for the region; another host, which is spoken to
// over https; or a URL, which is taken as it is. The region is looked for in the host's name and may come out empty.
func parseEndpoint(text string) (endpoint, error) {
	text = strings.TrimSpace(text)
	if match := regionalHost.FindStringSubmatch(text); match != nil {
		return endpoint{region: match[1]}, nil
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return endpoint{}, errors.New("is neither a host nor an http or https URL; write it like " + defaultEndpoint)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return endpoint{}, errors.New("has more than a host, a port and a path; write it like " + defaultEndpoint)
	}
	e := endpoint{url: strings.TrimRight(text, "/")}
	if match := regionInHost.FindStringSubmatch(u.Hostname()); match != nil {
		e.region = match[1]
	}
	return e, nil
}
