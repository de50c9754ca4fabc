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

// A Recipient is for whom a file is encrypted. One of the two fields is set.
type Recipient struct {
	Age        string      // age1… or age1pq1…: the public half of an identity of age-keygen
	Passphrase task.Secret // at least 12 characters
}

// An Identity decrypts what was encrypted for its Recipient. One of the two fields is set.
type Identity struct {
	Age        task.Secret // the content of an identity file: AGE-SECRET-KEY-1…
	Passphrase task.Secret
}

// workFactor is the cost of a passphrase in an age file, as a power of two: the default of the age
// program. Tests lower it.
var workFactor = 18

// encrypt writes an age file in ASCII armor, as the age program does with -a. Every age program can
// decrypt it.
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
		return storeError(writingOut, err)
	}
	return nil
}

func (r Recipient) parse() (age.Recipient, error) {
	if r.Age == "" {
		if len([]rune(r.Passphrase.Reveal())) < minPassphrase {
			return nil, archiveError("the passphrase is too short", "use at least 12 characters; five words are better")
		}
		by, err := age.NewScryptRecipient(r.Passphrase.Reveal())
		if err != nil {
			return nil, archiveError("the passphrase cannot be used: "+err.Error(), "")
		}
		by.SetWorkFactor(workFactor)
		return by, nil
	}
	text := strings.TrimSpace(r.Age)
	if strings.Contains(strings.ToUpper(text), "AGE-SECRET-KEY") { // must be neither shown nor used
		return nil, archiveError("this is an age identity, which must stay secret; expected an age recipient", "age-keygen -y prints the recipient of an identity: age1…")
	}
	all, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(all) != 1 {
		return nil, archiveError("this is not an age recipient", "expected a text like age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p; age-keygen makes one with its identity")
	}
	return all[0], nil
}

// decrypt reads an age file, with or without armor.
func decrypt(r io.Reader, from Identity) ([]byte, error) {
	identities, err := from.parse()
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewReader(io.LimitReader(r, maxFileSize))
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
		return nil, archiveError("the file is not encrypted for this identity or passphrase", "")
	}
	if err != nil {
		return nil, archiveError("the file is truncated, changed or not an age file: "+err.Error(), "")
	}
	return text, nil
}

func (i Identity) parse() ([]age.Identity, error) {
	if i.Age.IsZero() {
		by, err := age.NewScryptIdentity(i.Passphrase.Reveal())
		if err != nil {
			return nil, archiveError("expected an identity or a passphrase to open the file with", "")
		}
		return []age.Identity{by}, nil
	}
	all, err := age.ParseIdentities(strings.NewReader(i.Age.Reveal()))
	if err != nil { // its text may contain what was read
		return nil, archiveError("this is not an age identity", "expected the file that age-keygen wrote, with a line AGE-SECRET-KEY-1…")
	}
	return all, nil
}
