// Package definitions holds the workflows that Errand ships, one YAML file each, named by its stem, and
// the pages that describe how to write a workflow, how to test it, and how tickets start it.
package definitions

import "embed"

// Files holds the definitions.
//
//go:embed *.yaml
var Files embed.FS

// Schemas holds the JSON Schemas of the parts of a test case by their names, such as case.yaml, and
// of intake.yaml. They are made from the tables of Testing and of Intake.
var Schemas = map[string][]byte{"case.yaml": caseSchema, "intake.yaml": intakeSchema, "mocks.yaml": mocksSchema, "world.yaml": worldSchema}

//go:embed case.schema.json
var caseSchema []byte

//go:embed intake.schema.json
var intakeSchema []byte

//go:embed mocks.schema.json
var mocksSchema []byte

//go:embed world.schema.json
var worldSchema []byte

// Language is the page about the language and everything that a workflow can call, in Markdown.
//
//go:embed README.md
var Language string

// Testing is the page about test cases, mocks and the sandbox's world, in Markdown.
//
//go:embed TESTING.md
var Testing string

// Intake is the page about the rules by which tickets start workflows, in Markdown.
//
//go:embed INTAKE.md
var Intake string
