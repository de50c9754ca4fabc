package diag

import (
	"cmp"
	"encoding/json"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
)

// A Tool is the program that found the problems.
type Tool struct {
	Name    string
	Version string // may be empty
	Rules   []Rule // all rules; WriteSARIF writes those that found a problem
}

// WriteSARIF writes problems in the Static Analysis Results Interchange Format 2.1.0, which code
// hosting sites and editors read.
//
// Columns count characters, as everywhere in this package; the document says so in columnKind. The
// argument folder is the absolute path, with slashes, of the folder that relative file names refer
// to. A file within the folder is named relative to it, any other file by its absolute path. The
// fix of a problem becomes a fix of the result, since it is certain.
//
// Braces in a message are not escaped. The standard doubles them because they may be placeholders.
// But if a message has no arguments, Microsoft's SDK and VS Code show it unchanged, and ${{ }} must
// be shown correctly.
//
// The standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func WriteSARIF(w io.Writer, problems []Problem, tool Tool, folder string) error {
	run := sarifRun{
		Tool: sarifTool{Driver: sarifDriver{Name: tool.Name, Version: tool.Version, Rules: []sarifRule{}}},
		// The path of the folder is omitted: it means nothing on another machine.
		Bases:      map[string]sarifBase{sarifRoot: {Description: sarifText{Text: "the folder in which the check ran"}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	index := map[string]int{}
	for _, p := range problems {
		at, known := index[p.Rule]
		if !known {
			at = len(run.Tool.Driver.Rules)
			index[p.Rule] = at
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, tool.rule(p))
		}
		run.Results = append(run.Results, resultOf(p, at, folder))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}

const sarifRoot = "SRCROOT"

// rule returns the rule of a problem. A rule that is not in the catalogue has only its name.
func (t Tool) rule(p Problem) sarifRule {
	r := Rule{Name: p.Rule, Severity: p.Severity, Title: p.Rule}
	if i := slices.IndexFunc(t.Rules, func(r Rule) bool { return r.Name == p.Rule }); i >= 0 {
		r = t.Rules[i]
	}
	help := cmp.Or(r.Help, r.Title)
	return sarifRule{
		ID: r.Name, Short: sarifText{Text: r.Title}, Full: sarifText{Text: help},
		Help:    sarifText{Text: help, Markdown: "**" + markdown(r.Title) + "**\n\n" + markdown(help)},
		Default: sarifDefault{Level: cmp.Or(r.Severity, Error)},
	}
}

func resultOf(p Problem, rule int, folder string) sarifResult {
	where := sarifArtifact{URI: fileURI(p.Range.File, folder)}
	if !strings.Contains(where.URI, "://") {
		where.Base = sarifRoot
	}
	text, marked := []string{p.Message}, []string{markdown(p.Message)}
	if p.Label != "" {
		text[0] += " (" + p.Label + ")"
		marked[0] += " (" + markdown(p.Label) + ")"
	}
	if p.Help != "" {
		text = append(text, "help: "+p.Help)
		marked = append(marked, "**help:** "+markdown(p.Help))
	}
	for _, note := range p.Notes {
		text = append(text, "note: "+note)
		marked = append(marked, "**note:** "+markdown(note))
	}
	result := sarifResult{
		Rule: p.Rule, Index: rule, Level: cmp.Or(p.Severity, Error),
		Message:   sarifText{Text: strings.Join(text, "\n"), Markdown: strings.Join(marked, "\n\n")},
		Locations: []sarifLocation{{Physical: sarifPhysical{Artifact: where, Region: regionOf(p.Range)}}},
	}
	if f := p.Fix; f != nil {
		change := sarifReplacement{Deleted: regionOf(f.Range), Inserted: &sarifContent{Text: f.Text}}
		result.Fixes = []sarifFix{{
			Description: sarifText{Text: f.Title},
			Changes:     []sarifChange{{Artifact: where, Replacements: []sarifReplacement{change}}},
		}}
	}
	return result
}

// regionOf returns nil if the range is the file as a whole.
func regionOf(r Range) *sarifRegion {
	if r.Start.Line == 0 {
		return nil
	}
	region := &sarifRegion{StartLine: r.Start.Line, StartColumn: r.Start.Column}
	if r.End.Line != 0 {
		// As in Range, the end is the column after the last character.
		region.EndLine, region.EndColumn = r.End.Line, r.End.Column
	}
	return region
}

// fileURI returns the path of a file relative to the folder, or a file URI if the file is outside
// the folder.
func fileURI(file, folder string) string {
	whole := file
	if !isAbsolute(file) {
		whole = path.Join(folder, file)
	}
	if inside, ok := strings.CutPrefix(path.Clean(whole), strings.TrimSuffix(path.Clean(folder), "/")+"/"); ok {
		return (&url.URL{Path: inside}).String()
	}
	if !strings.HasPrefix(whole, "/") {
		whole = "/" + whole // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path.Clean(whole)}).String()
}

// isAbsolute reports whether a path with slashes is absolute, on this system or on Windows.
func isAbsolute(file string) bool {
	return strings.HasPrefix(file, "/") || len(file) > 2 && file[1] == ':' && file[2] == '/'
}

// markdown returns Markdown that is shown as the text is written. Text between two backticks is
// code and stays as it is; elsewhere every character with a meaning in Markdown is escaped.
func markdown(text string) string {
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 { // one backtick is not closed
		return escape(text, "`")
	}
	var b strings.Builder
	for i, part := range parts {
		switch {
		case i%2 == 0:
			b.WriteString(escape(part, ""))
		case part == "":
			b.WriteString("\\`\\`")
		default:
			b.WriteString("`" + part + "`")
		}
	}
	return b.String()
}

func escape(text, more string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '\n':
			b.WriteString("  ") // a line break within a line
		case strings.ContainsRune(`\*_{}[]<>#|~$&`+more, c):
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool            `json:"tool"`
	Bases      map[string]sarifBase `json:"originalUriBaseIds"`
	ColumnKind string               `json:"columnKind"`
	Results    []sarifResult        `json:"results"`
}

type sarifBase struct {
	Description sarifText `json:"description"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string       `json:"id"`
	Short   sarifText    `json:"shortDescription"`
	Full    sarifText    `json:"fullDescription"`
	Help    sarifText    `json:"help"`
	Default sarifDefault `json:"defaultConfiguration"`
}

type sarifDefault struct {
	Level Severity `json:"level"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifResult struct {
	Rule      string          `json:"ruleId"`
	Index     int             `json:"ruleIndex"`
	Level     Severity        `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
	Fixes     []sarifFix      `json:"fixes,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  *sarifRegion  `json:"deletedRegion"`
	Inserted *sarifContent `json:"insertedContent,omitempty"`
}

type sarifContent struct {
	Text string `json:"text"`
}
