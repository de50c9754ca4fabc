package ec2

import (
	"errors"
	"net/url"
	"strings"

	"errand/engine/task"
)

const (
	defaultRegion   = "us-east-1"
	defaultEndpoint = "ec2.us-east-1.amazonaws.com"
)

// An endpoint is where requests are sent. If url is empty, the SDK derives it from the region.
type endpoint struct{ region, url string }

// targetOf implements task.Connector.Target: it identifies the region and the account that a
// credential's requests go to. Stored keys do not show their account.
func targetOf(stored task.Values) string {
	to := target(stored)
	if to.url == "" && to.region != "" {
		to.url = "https://ec2." + to.region + ".amazonaws.com"
	}
	return strings.Join([]string{to.url, stored.Reveal(profile), stored.Reveal(roleARN)}, " ")
}

// parseEndpoint parses a region endpoint: a region's public host, which stands for the region;
// another host, which is reached over https; or a URL. The region is taken from the host's name and
// may be empty.
func parseEndpoint(text string) (endpoint, error) {
	text = strings.TrimSpace(text)
	if region, ok := publicHost(text); ok {
		return endpoint{region: region}, nil
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
	return endpoint{region: regionIn(u.Hostname()), url: strings.TrimRight(text, "/")}, nil
}

// publicHost returns the region of a region's public host: ec2.REGION.amazonaws.com, or with .cn in
// China.
func publicHost(host string) (region string, ok bool) {
	region, ok = strings.CutPrefix(host, "ec2.")
	if ok {
		region, ok = strings.CutSuffix(strings.TrimSuffix(region, ".cn"), ".amazonaws.com")
	}
	return region, ok && isRegion(region)
}

// regionIn returns the first label of a host's name that is a region, or "".
func regionIn(host string) string {
	for label := range strings.SplitSeq(host, ".") {
		if isRegion(label) && label[2] == '-' {
			return label
		}
	}
	return ""
}

// isRegion reports whether a text has the form of a region, such as us-gov-west-1: at least three
// words with hyphens between them, all of letters but the last, which is a number.
func isRegion(text string) bool {
	words := strings.Split(text, "-")
	last := len(words) - 1
	if last < 2 || len(words[0]) < 2 || !consistsOf(words[last], "0123456789") {
		return false
	}
	for _, word := range words[:last] {
		if !consistsOf(word, "abcdefghijklmnopqrstuvwxyz") {
			return false
		}
	}
	return true
}

// consistsOf reports whether a text is not empty and has no other characters than these.
func consistsOf(text, characters string) bool {
	return text != "" && strings.Trim(text, characters) == ""
}
