package openid

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"

	"errand/engine/plainfile"
	"errand/engine/schema"
	"errand/engine/task"
)

// maxSecret is the largest secret of a client, in bytes.
const maxSecret = 4096

func (l *loader) secret(m schema.JSONMember) {
	path := l.path(m)
	if path == "" {
		return
	}
	text, err := readSecret(path)
	if loose, ok := errors.AsType[*modeError](err); ok {
		l.report(m.Name, "chmod o= "+path, "%v", loose)
		return
	}
	if err != nil {
		l.report(m.Name, "", "the client's secret: %v", err)
		return
	}
	l.config.ClientSecret = task.NewSecret(text)
}

// A modeError says that everybody can read a secret.
type modeError struct {
	path string
	mode fs.FileMode
}

func (e *modeError) Error() string {
	return fmt.Sprintf("everybody can read the client's secret in %s: its mode is %04o", e.path, e.mode)
}

// readSecret reads a file with one line. Its group may be able to read the file: systemd passes
// secrets to a service in this way.
func readSecret(path string) (string, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o007 != 0 { // Windows has no such mode
		return "", &modeError{path, mode}
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	if text == "" || len(raw) > maxSecret || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("%s is not a text of one line", path)
	}
	return text, nil
}
