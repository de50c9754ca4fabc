package lsp

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// fileOf returns the path, with slashes, of a URI. For a document without a file it returns the
// editor's name.
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

// uriOf returns the URI of a file, or "" if its path is not absolute, as for a shipped definition.
func uriOf(file string) string {
	if !filepath.IsAbs(filepath.FromSlash(file)) {
		return ""
	}
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(file, "/")}).String()
}

// stemOf returns the name of a file without its folder and ending.
func stemOf(file string) string {
	base := path.Base(file)
	return strings.TrimSuffix(base, path.Ext(base))
}
