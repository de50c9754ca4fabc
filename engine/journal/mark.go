package journal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// A Standing says whether a journal is the one that began its runs.
type Standing string

// What a journal can be.
const (
	Original Standing = "original"
	Copied   Standing = "copy"    // nothing starts by itself: the other one may have done it
	Adopted  Standing = "adopted" // a copy that a person made a home of its own
)

// A mark is what home.id says. The database has the same nonce, the file's identity, and a
// generation, which each transaction raises; the file follows after the commit. So the file never
// knows of a generation that the database lacks, unless the database is an older one that was put
// back. If a process or the machine ends between the two, the file is behind, and that is no sign of
// anything. Nothing here waits for the disk, but for what makes a home or ends one.
//
// The file's identity is its inode and the time of its birth: a folder can be renamed and its disk
// mounted elsewhere, but a copy of the file is another file. Names of hosts, paths and devices are
// not used, because a container changes them at each start.
type mark struct {
	nonce      string
	standing   Standing
	since      int64 // when the home became a copy, in nanoseconds since 1970; 0 for an original
	generation int64 // 0: the database does not have this mark yet
}

const (
	markFile   = "home.id"
	markFormat = "errand home 1\n%s\n%-8s\n%020d\n%020d\n"
)

// text returns the content of home.id. Marks have one length, so that they are written in place.
func (m mark) text() string {
	return fmt.Sprintf(markFormat, m.nonce, m.standing, m.since, m.generation)
}

// time returns since.
func (m mark) time() time.Time {
	if m.since == 0 {
		return time.Time{}
	}
	return time.Unix(0, m.since).UTC()
}

// parseMark returns what home.id says, or false if that is no mark.
func parseMark(text string) (mark, bool) {
	words := strings.Fields(text)
	if len(words) != 7 || strings.Join(words[:3], " ") != "errand home 1" {
		return mark{}, false
	}
	since, err := strconv.ParseInt(words[5], 10, 64)
	generation, bad := strconv.ParseInt(words[6], 10, 64)
	m := mark{nonce: words[3], standing: Standing(words[4]), since: since, generation: generation}
	known := m.standing == Original || m.standing == Copied || m.standing == Adopted
	return m, err == nil && bad == nil && known && m.text() == text
}

// readMark returns what an open home.id says, or false if that is no mark. Somebody may write it at the
// same time, so it is read until it is twice the same.
func readMark(f *os.File) (mark, bool) {
	for before := ""; ; {
		text, err := io.ReadAll(io.NewSectionReader(f, 0, 1000))
		if err != nil || len(text) == 0 {
			return mark{}, false
		}
		if string(text) == before {
			return parseMark(before)
		}
		before = string(text)
	}
}

// writeMark writes home.id in place, and waits for the disk.
func writeMark(f *os.File, m mark) error {
	text := m.text()
	if err := f.Truncate(int64(len(text))); err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		return err
	}
	return f.Sync()
}

// writeGeneration writes only the generation, and does not wait for the disk. If that fails, the
// file stays behind.
func writeGeneration(f *os.File, generation int64) {
	const digits = len("00000000000000000000\n")
	length := len(mark{nonce: newNonce(), standing: Original}.text())
	_, _ = f.WriteAt(fmt.Appendf(nil, "%020d\n", generation), int64(length-digits))
}

// A fileIdentity tells a file from its copies. It is zero if the system does not know when files were
// born: then the nonce and the generation serve.
type fileIdentity struct{ inode, born int64 }

// A row is a mark as the database has it. It has no standing.
type markRow struct {
	mark
	fileIdentity
}

// differs returns why a database and a home.id do not belong together, or "". known and read say
// whether there is a row, and a mark in the file.
func differs(row markRow, known bool, m mark, read bool, file fileIdentity) string {
	switch {
	case !known && (!read || m.generation == 0):
		return "" // a new home, or one of an older program
	case !known:
		return "the journal is older than " + markFile
	case !read:
		return markFile + " is missing or damaged"
	case row.nonce != m.nonce:
		return markFile + " belongs to another home"
	case row.born != 0 && file.born != 0 && row.fileIdentity != file:
		return markFile + " is a copy"
	case m.generation > row.generation:
		return "the journal is older than " + markFile
	}
	return ""
}
