package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unicode"
)

// Command is a key that a program prints on its standard output, such as a program that asks a
// vault. It prints the key in hexadecimal, in base64 or as the line of a key file. The program runs
// without a shell, with empty standard input and with few variables: see command_environment.go.
// Its standard output is never shown; its standard error is shown if it fails.
type Command struct {
	Argv  []string
	Limit time.Duration // the time limit; defaults to 5 seconds
}

// Name implements Source. It omits the arguments, which may contain something that must not be
// shown.
func (c Command) Name() string { return "the key command " + c.Argv[0] }

// Key implements Source.
func (c Command) Key(ctx context.Context, _ KeyQuery) (Key, error) {
	limit := c.Limit
	if limit == 0 {
		limit = 5 * time.Second
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var stdout, stderr prefixBuffer
	cmd := exec.CommandContext(bounded, c.Argv[0], c.Argv[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &stdout, &stderr, commandEnvironment()
	cmd.WaitDelay = time.Second // for processes that it leaves behind with its output open
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	switch {
	case ctx.Err() != nil:
		return Key{}, c.keyError("was cancelled", "")
	case bounded.Err() != nil:
		return Key{}, c.keyError(fmt.Sprintf("took longer than %s", limit), stderr.line())
	case err != nil:
		return Key{}, c.keyError("failed: "+err.Error(), stderr.line())
	}
	k, err := ParseKey(stdout.b.String())
	if err != nil {
		return Key{}, c.keyError(err.Error(), stderr.line())
	}
	return k, nil
}

func (c Command) keyError(what, stderr string) error {
	hint := ""
	if stderr != "" {
		hint = "its standard error: " + stderr
	}
	return unusableKeyError(c.Name()+" "+what, hint)
}

// A prefixBuffer keeps the first 4 KiB that are written to it.
type prefixBuffer struct{ b bytes.Buffer }

func (h *prefixBuffer) Write(p []byte) (int, error) {
	h.b.Write(p[:min(len(p), 4096-h.b.Len())])
	return len(p), nil
}

// line returns the content on one line, without control characters.
func (h *prefixBuffer) line() string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, h.b.String())
	return strings.Join(strings.Fields(text), " ")
}

// SplitCommand splits a command into words at white space, except within '…' or "…". Within quotes
// no other character is special, not even quotes of the other kind. There are no variables,
// backslashes or pipes; a command that needs a shell is written as sh -c '…'.
func SplitCommand(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case unicode.IsSpace(r):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the key command has an unclosed %c", quote)
	}
	if begun {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("the key command is empty")
	}
	return words, nil
}
