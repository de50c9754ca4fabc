package journal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// A Standing is the relation of the journal to the one in which its runs began: the same, or a copy.
type Standing string

// What a journal can be.
const (
	Original Standing = "original"
	Copied   Standing = "copy"    // nothing starts by itself: the other one may have done it
	Adopted  Standing = "adopted" // a copy that a person made a home of its own
)

// A homeID is the content of the file home.id. The database has the same nonce, the file's
// identity, and a generation. Each transaction raises the generation in the database, and the file
// follows after the commit. So a file whose generation is higher shows that the database is an
// older one, which was put back. A file whose generation is lower shows nothing: a process or the
// machine may have ended between the commit and the write. Only renew waits until the disk has the
// file.
//
// The file's identity is its inode and the time of its creation: a folder can be renamed and its
// disk mounted elsewhere, but a copy of the file is another file. Names of hosts, paths and devices
// are not used, because a container changes them at each start.
type homeID struct {
	nonce      string
	standing   Standing
	since      int64 // when the home became a copy, in nanoseconds since 1970; 0 for an original
	generation int64 // 0: the database does not have this nonce yet
}

const (
	idFile   = "home.id"
	idFormat = "errand home 1\n%s\n%-8s\n%020d\n%020d\n"
)

// text returns the content of the file. All have the same length, so that they are written in
// place.
func (m homeID) text() string {
	return fmt.Sprintf(idFormat, m.nonce, m.standing, m.since, m.generation)
}

// time returns since.
func (m homeID) time() time.Time {
	if m.since == 0 {
		return time.Time{}
	}
	return time.Unix(0, m.since).UTC()
}

// parseHomeID parses the content of home.id. It returns false if that is damaged.
func parseHomeID(text string) (homeID, bool) {
	words := strings.Fields(text)
	if len(words) != 7 || strings.Join(words[:3], " ") != "errand home 1" {
		return homeID{}, false
	}
	since, err := strconv.ParseInt(words[5], 10, 64)
	generation, bad := strconv.ParseInt(words[6], 10, 64)
	m := homeID{nonce: words[3], standing: Standing(words[4]), since: since, generation: generation}
	known := m.standing == Original || m.standing == Copied || m.standing == Adopted
	return m, err == nil && bad == nil && known && m.text() == text
}

// readHomeID reads an open home.id. It returns false if the file is damaged. Another process may
// write it at the same time, so readHomeID reads until it finds the same content twice.
func readHomeID(f *os.File) (homeID, bool) {
	for before := ""; ; {
		text, err := io.ReadAll(io.NewSectionReader(f, 0, 1000))
		if err != nil || len(text) == 0 {
			return homeID{}, false
		}
		if string(text) == before {
			return parseHomeID(before)
		}
		before = string(text)
	}
}

// hasText reports whether a file begins with a text.
func hasText(f *os.File, text string) bool {
	var now [128]byte
	n, _ := f.ReadAt(now[:len(text)], 0)
	return string(now[:n]) == text
}

// writeHomeID writes home.id in place, and waits for the disk.
func writeHomeID(f *os.File, m homeID) error {
	text := m.text()
	if err := f.Truncate(int64(len(text))); err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		return err
	}
	return f.Sync()
}

// generationAt is where the generation begins in home.id.
var generationAt = int64(len(homeID{nonce: newNonce()}.text()) - len("00000000000000000000\n"))

// writeGeneration writes only the generation, and does not wait for the disk. If that fails, the
// generation in the file stays the lower one.
func writeGeneration(f *os.File, generation int64) {
	_, _ = f.WriteAt(fmt.Appendf(nil, "%020d\n", generation), generationAt)
}

// A fileIdentity distinguishes a file from its copies. It is zero if the system does not know when
// files were created; then only the nonce and the generation are compared.
type fileIdentity struct{ inode, born int64 }

// A storedID is what the database knows of home.id. Its standing and since are not set.
type storedID struct {
	homeID
	fileIdentity
}

// differs returns why a database and a home.id do not belong together, or "". known reports whether
// the database has a row, and read whether the file could be read.
func differs(row storedID, known bool, m homeID, read bool, file fileIdentity) string {
	switch {
	case !known && (!read || m.generation == 0):
		return "" // a new home, or one of an older program
	case !known:
		return "the journal is older than " + idFile
	case !read:
		return idFile + " is missing or damaged"
	case row.nonce != m.nonce:
		return idFile + " belongs to another home"
	case row.born != 0 && file.born != 0 && row.fileIdentity != file:
		return idFile + " is a copy"
	case m.generation > row.generation:
		return "the journal is older than " + idFile
	}
	return ""
}
