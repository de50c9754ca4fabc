package engine

import "net/url"

// RunURL returns the address of a run's page in a web console with a public address such as
// "https://errand.example.com". It returns "" if that is "". The address is in worklogs and mails, so
// its form must not change.
func RunURL(console, run string) string {
	if console == "" {
		return ""
	}
	return console + "/runs/" + url.PathEscape(run)
}
