package reference_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// facts are the tables of the Amazon EC2 connector in its documentation: an operation in brackets,
// followed by its parameters and, after an arrow, its outputs. Each has its title, its type, and
// "required" if it is required.
const facts = `
[Create Instance]
AMI ID: String, required
Instance Type: String, required
Instance Name: String, required
Kernel ID: String
RAM Disk ID: String
Enable Basic Monitoring: Boolean
Client Token: String
Instance Tag #1: String
Instance Tag #2: String
Instance Tag #3: String
Instance Tag #4: String
Instance Tag #5: String
→ Success: Boolean
→ Result Code: Integer
→ Result Message: String
→ Client Token: String
→ Reservation ID: String
→ Instance Identifier: String
→ Owner ID: String
→ Public DNS Name: String
→ Public DNS IP Address: String
→ Instance State: String
→ Instance State Code: Integer

[Delete Instance]
Instance ID: String, required
→ Success: Boolean
→ Result Code: Integer
→ Result Message: String
→ Current Instance State Code: Integer
→ Current Instance State: String
→ Previous Instance State Code: Integer
→ Previous Instance State: String

[Get Instance Status]
Instance ID: String, required
→ Success: Boolean
→ Result Code: Integer
→ Result Message: String
→ Current Instance State Code: Integer
→ Current Instance State: String

[Start Instance]
Instance ID: String, required
→ Success: Boolean
→ Result Code: Integer
→ Result Message: String
→ Current Instance State Code: Integer
→ Current Instance State: String
→ Previous Instance State Code: Integer
→ Previous Instance State: String

[Stop Instance]
Instance ID: String, required
→ Success: Boolean
→ Result Code: Integer
→ Result Message: String
→ Current Instance State Code: Integer
→ Current Instance State: String
→ Previous Instance State Code: Integer
→ Previous Instance State: String

[Restart Instance]
Instance ID: String, required
→ Success: Boolean
→ Result Code: Integer
→ Result Message: String
→ Current Instance State Code: Integer
→ Current Instance State: String
`

// credentialFacts are the parameters of the connector's credential: the title, the default, and
// whether it is encrypted.
const credentialFacts = `
Access Key ID: , yes
Secret Access Key: , yes
Region Endpoint: ec2.us-east-1.amazonaws.com,
Key Pair Name: ,
Security Group IDs: ,
`

// The page contains the documented tables of the connector, with each parameter's name in a
// workflow.
func TestThePageHasTheDocumentedTables(t *testing.T) {
	text := readPage(t)
	every := rowsOf(section(text, "## What every step returns"))
	var rows [][]string
	found := 0
	for line := range strings.Lines(strings.TrimSpace(facts)) {
		line = strings.TrimSpace(line)
		if operation, is := strings.CutPrefix(line, "["); is {
			operation = strings.TrimSuffix(operation, "]")
			part := section(text, "#### ec2."+strings.ReplaceAll(strings.ToLower(operation), " ", "_"))
			if rows = rowsOf(part); !strings.Contains(part, "\n"+operation+". ") {
				t.Errorf("there is no operation %q", operation)
			}
			continue
		}
		if line == "" {
			continue
		}
		name, isOutput := strings.CutPrefix(line, "→ ")
		title, kind, _ := strings.Cut(name, ": ")
		kind, required := strings.CutSuffix(kind, ", required")
		among := rows
		if isOutput {
			among = slices.Concat(every, rows)
		}
		row := rowOf(among, title, isOutput)
		switch {
		case row == nil:
			t.Errorf("%s is not in its table", line)
		case !strings.HasPrefix(row[2], strings.ToLower(kind)):
			t.Errorf("%s is %s", line, row[2])
		case !isOutput && required && row[3] == "" && row[4] == "", !isOutput && !required && row[3] != "":
			t.Errorf("%s: required is %q, and the default %q", line, row[3], row[4])
		default:
			found++
		}
	}
	if found != 59 {
		t.Errorf("%d facts were found", found)
	}
	rows = rowsOf(section(text, "### ec2: Amazon EC2"))
	for line := range strings.Lines(strings.TrimSpace(credentialFacts)) {
		title, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		preset, encrypted, _ := strings.Cut(rest, ",")
		row := rowOf(rows, title, false)
		if row == nil || strings.Trim(row[3], "`") != preset || row[2] != strings.TrimSpace(encrypted) {
			t.Errorf("%q: the page says %q", line, row)
		}
	}
}

// section returns the text under a heading, up to the next heading.
func section(text, heading string) string {
	_, after, _ := strings.Cut(text, "\n"+heading+"\n")
	if next := regexp.MustCompile(`(?m)^##`).FindStringIndex(after); next != nil {
		after = after[:next[0]]
	}
	return "\n" + after
}

// rowsOf returns the rows of all tables in a text. A row of inputs has six cells, a row of outputs
// four.
func rowsOf(text string) [][]string {
	var rows [][]string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, cells(line))
		}
	}
	return rows
}

func rowOf(rows [][]string, title string, isOutput bool) []string {
	for _, row := range rows {
		if row[1] == title && (len(row) == 4) == isOutput {
			return row
		}
	}
	return nil
}
