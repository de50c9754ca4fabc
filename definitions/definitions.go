// Package definitions holds the workflows that Errand ships: one YAML file each, named by its stem.
package definitions

import "embed"

// Files holds the definitions.
//
//go:embed *.yaml
var Files embed.FS
