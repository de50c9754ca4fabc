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

// Command is a key that a program prints, such as one that asks a vault: on its standard output, in hexadecimal or base64 or as
// the line of a key file. The program is started as it is, without a shell, with nothing to read. What it prints is never shown;
// what it says on its standard error is, where it fails.
type Command struct {
	Argv  []string
	Limit time.Duration // how long it may take; 0 means 5 seconds
}

// Name implements Source. The arguments are left out: somebody may have put there what should not be shown.
func (c Command) Name() string { return "the key command " + c.Argv[0] }

// Key implements Source.
func (c Command) Key(ctx context.Context, _ Lock) (Key, error) {
	limit := c.Limit
	if limit == 0 {
		limit = 5 * time.Second
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var said, complaint head
	cmd := exec.CommandContext(bounded, c.Argv[0], c.Argv[1:]...)
	cmd.Stdout, cmd.Stderr = &said, &complaint
	cmd.WaitDelay = time.Second // for what it leaves behind with its output open
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	switch {
	case ctx.Err() != nil:
		return Key{}, c.unusable("was given up", "")
	case bounded.Err() != nil:
		return Key{}, c.unusable(fmt.Sprintf("took longer than %s", limit), complaint.line())
	case err != nil:
		return Key{}, c.unusable("failed: "+err.Error(), complaint.line())
	}
	k, err := ParseKey(said.b.String())
	if err != nil {
		return Key{}, c.unusable(err.Error(), complaint.line())
	}
	return k, nil
}

func (c Command) unusable(what, complaint string) error {
	if complaint != "" {
		complaint = "it said: " + complaint
	}
	return unusable(c.Name()+" "+what, complaint)
}

// A head keeps the first 4 KiB that are written to it.
type head struct{ b bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.b.Write(p[:min(len(p), 4096-h.b.Len())])
	return len(p), nil
}

// line is what was written, on one line and without what a terminal would obey.
func (h *head) line() string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, h.b.String())
	return strings.Join(strings.Fields(text), " ")
}

// SplitCommand splits a command into its words: at spaces, but for those between '…' or "…", where nothing else has a meaning; a
// quote within quotes of the other kind is itself. There are no variables, no backslashes and no pipes: whoever needs a shell
// writes sh -c '…'.
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
		return nil, fmt.Errorf("the key command has a %c that is not closed", quote)
	}
	if begun {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("the key command is empty")
	}
	return words, nil
}
