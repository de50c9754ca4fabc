// Package operations holds the operator's guide, which is its README.md, so that the command line can print it.
package operations

import _ "embed"

// Guide is the operator's guide, in Markdown.
//
//go:embed README.md
var Guide string
