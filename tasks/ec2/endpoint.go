package ec2

import (
	"errors"
	"net/url"
	"slices"
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

// parseEndpoint parses a region endpoint: a region, or its public host, which stands for it; another
// host, which is reached over https; or a URL. The region is taken from the host's name and may be
// empty. The case of letters does not matter in a region and in a host.
func parseEndpoint(text string) (endpoint, error) {
	text = strings.TrimSpace(text)
	host := strings.ToLower(text)
	if looksLikeRegion(host) {
		return endpoint{region: host}, nil
	}
	if region, ok := publicHost(host); ok {
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
	u.Host = strings.ToLower(u.Host)
	return endpoint{region: regionIn(u.Hostname()), url: strings.TrimRight(u.String(), "/")}, nil
}

// domains are the domains of AWS's partitions, by what their regions begin with. The last one has
// all other regions. The source is the SDK's own list of partitions.
var domains = []struct{ regions, domain string }{
	{"cn-", "amazonaws.com.cn"},
	{"eusc-", "amazonaws.eu"},
	{"us-iso-", "c2s.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov"},
	{"us-isof-", "csp.hci.ic.gov"},
	{"eu-isoe-", "cloud.adc-e.uk"},
	{"", "amazonaws.com"},
}

// publicHost returns the region of a region's public host, such as ec2.eu-west-1.amazonaws.com.
func publicHost(host string) (region string, ok bool) {
	for _, d := range domains {
		if region, ok = strings.CutSuffix(host, "."+d.domain); !ok {
			continue
		}
		if region, ok = strings.CutPrefix(region, "ec2."); ok && strings.HasPrefix(region, d.regions) && isRegion(region) {
			return region, true
		}
	}
	return "", false
}

// regionIn returns the first label of a host's name that is a region, or "".
func regionIn(host string) string {
	for label := range strings.SplitSeq(host, ".") {
		if isRegion(label) && (label[2] == '-' || looksLikeRegion(label)) {
			return label
		}
	}
	return ""
}

// areas are what the names of regions begin with.
var areas = []string{"us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx", "cn", "eusc"}

// looksLikeRegion reports whether a text is the name of a region rather than that of a host.
func looksLikeRegion(text string) bool {
	area, _, _ := strings.Cut(text, "-")
	return slices.Contains(areas, area) && isRegion(text)
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
