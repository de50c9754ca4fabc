package sandbox

import "strings"

// A form reports whether a text has the form of one kind of identifier.
type form func(text string) bool

func instanceForm(text string) bool { return isIdentifier(text, "i-") }
func imageForm(text string) bool    { return isIdentifier(text, "ami-") }
func groupForm(text string) bool    { return isIdentifier(text, "sg-") }
func volumeForm(text string) bool   { return isIdentifier(text, "vol-") }
func vpcForm(text string) bool      { return isIdentifier(text, "vpc-") }
func subnetForm(text string) bool   { return isIdentifier(text, "subnet-") }
func templateForm(text string) bool { return isIdentifier(text, "lt-") }
func kernelForm(text string) bool   { return isIdentifier(text, "aki-") }
func ramdiskForm(text string) bool  { return isIdentifier(text, "ari-") }

// isIdentifier reports whether a text is an identifier of EC2: a prefix and 8 or 17 hexadecimal
// digits.
func isIdentifier(text, prefix string) bool {
	digits, ok := strings.CutPrefix(text, prefix)
	return ok && (len(digits) == 8 || len(digits) == 17) && strings.Trim(digits, "0123456789abcdef") == ""
}

// ticketForm reports whether a text is an identifier of a ticket, such as 100-291.
func ticketForm(text string) bool {
	group, number, ok := strings.Cut(text, "-")
	return ok && isDigits(group) && isDigits(number)
}

// isDigits reports whether a text consists of decimal digits, at least one.
func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
