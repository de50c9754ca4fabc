package credential

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"errand/engine/task"
)

// A Recipient is for whom a file is encrypted: one of the two.
type Recipient struct {
	Age        string      // age1…, or age1pq1…, the public half of an identity that age-keygen makes
	Passphrase task.Secret // at least 12 characters
}

// An Identity opens what was encrypted: one of the two.
type Identity struct {
	Age        task.Secret // the content of an identity file, with AGE-SECRET-KEY-1…
	Passphrase task.Secret
}

// workFactor is what a passphrase costs in an age file, as a power of two: that of the age program.
var workFactor = 18

// encrypt writes an age file in ASCII armor, as the age program does with -a; it and others open it.
func encrypt(w io.Writer, to Recipient, text []byte) error {
	recipient, err := to.parse()
	if err != nil {
		return err
	}
	armored := armor.NewWriter(w)
	sealed, err := age.Encrypt(armored, recipient)
	if err == nil {
		_, err = sealed.Write(text)
	}
	if err == nil {
		err = errors.Join(sealed.Close(), armored.Close())
	}
	if err != nil {
		return failed("written out", err)
	}
	return nil
}

func (r Recipient) parse() (age.Recipient, error) {
	if r.Age == "" {
		if len([]rune(r.Passphrase.Reveal())) < shortest {
			return nil, unarchived("the passphrase is too short", "take 12 characters or more, better five words")
		}
		by, err := age.NewScryptRecipient(r.Passphrase.Reveal())
		if err != nil {
			return nil, unarchived("the passphrase cannot be used: "+err.Error(), "")
		}
		by.SetWorkFactor(workFactor)
		return by, nil
	}
	text := strings.TrimSpace(r.Age)
	if strings.Contains(strings.ToUpper(text), "AGE-SECRET-KEY") { // it is not shown, and not used
		return nil, unarchived("this is an age identity, which must stay secret, and not a recipient", "give its public half, which age-keygen -y shows: age1…")
	}
	all, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(all) != 1 {
		return nil, unarchived("this is not an age recipient", "write it like age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p; age-keygen makes one with its identity")
	}
	return all[0], nil
}

// decrypt reads an age file, armored or not.
func decrypt(r io.Reader, from Identity) ([]byte, error) {
	identities, err := from.parse()
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewReader(io.LimitReader(r, mostBytes))
	var sealed io.Reader = buffered
	if start, _ := buffered.Peek(len(armor.Header)); bytes.Equal(start, []byte(armor.Header)) {
		sealed = armor.NewReader(buffered)
	}
	opened, err := age.Decrypt(sealed, identities...)
	var text []byte
	if err == nil {
		text, err = io.ReadAll(opened)
	}
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, unarchived("the file is not encrypted for this identity or passphrase", "")
	}
	if err != nil {
		return nil, unarchived("the file is cut, changed, or no age file: "+err.Error(), "")
	}
	return text, nil
}

func (i Identity) parse() ([]age.Identity, error) {
	if i.Age.IsZero() {
		by, err := age.NewScryptIdentity(i.Passphrase.Reveal())
		if err != nil {
			return nil, unarchived("there is neither an identity nor a passphrase to open the file with", "")
		}
		return []age.Identity{by}, nil
	}
	all, err := age.ParseIdentities(strings.NewReader(i.Age.Reveal()))
	if err != nil { // its text may hold what was read
		return nil, unarchived("this is not an age identity", "it is the file that age-keygen made, with a line AGE-SECRET-KEY-1…")
	}
	return all, nil
}
