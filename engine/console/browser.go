package console

import "strings"

// browserOf names the browser and the system of a User-Agent header, such as "Firefox on Linux". The
// page of sessions shows it, so that a person knows their own.
func browserOf(agent string) string {
	browser := firstOf(agent, [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := firstOf(agent, [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}})
	switch {
	case browser == "" && system == "":
		return "another program"
	case browser == "":
		return "another browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// firstOf returns the name of the first sign that a text contains, or "".
func firstOf(text string, signs [][2]string) string {
	for _, sign := range signs {
		if strings.Contains(text, sign[0]) {
			return sign[1]
		}
	}
	return ""
}
