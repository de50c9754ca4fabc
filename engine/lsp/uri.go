package lsp

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// fileOf is the path, with slashes, of what a URI names; of a document that has no file yet, what the editor calls it.
func fileOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Path == "" {
		_, name, _ := strings.Cut(uri, ":")
		return path.Clean(name)
	}
	name := path.Clean(u.Path)
	if drive := strings.TrimPrefix(name, "/"); len(drive) > 1 && drive[1] == ':' {
		return drive // /c:/folder/file
	}
	return name
}

// onDisk reports whether a URI is that of a file.
func onDisk(uri string) bool { return strings.HasPrefix(uri, "file:") }

// uriOf is the URI of a file, or "" for one that has no path from the root, as those that are shipped.
func uriOf(file string) string {
	if !filepath.IsAbs(filepath.FromSlash(file)) {
		return ""
	}
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(file, "/")}).String()
}

// stemOf is a file's name without its folder and ending.
func stemOf(file string) string {
	base := path.Base(file)
	return strings.TrimSuffix(base, path.Ext(base))
}
