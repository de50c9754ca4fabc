// Package operations embeds the operator's guide, its README.md, so that the command line can print
// it.
package operations

import _ "embed"

// Guide is the operator's guide, in Markdown.
//
//go:embed README.md
var Guide string
