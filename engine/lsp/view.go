package lsp

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// view returns the path, with slashes, of a read-only file with the text of a shipped workflow, so
// that an editor can show it. It returns "" if the server has no folder for such files.
func (c *connection) view(w *calledWorkflow) string {
	if c.Views == "" {
		return ""
	}
	file, err := writeView(c.Views, filepath.Base(w.file), []byte(w.text))
	if err != nil {
		c.Log.Warn("a shipped workflow cannot be shown", "workflow", stemOf(w.file), "error", err)
		return ""
	}
	return filepath.ToSlash(file)
}

// writeView writes a read-only file below a folder, unless it is there already, and returns its
// absolute path. Texts of other releases have other paths.
func writeView(folder, name string, text []byte) (string, error) {
	folder, err := filepath.Abs(filepath.Join(folder, fmt.Sprintf("%x", sha256.Sum256(text))[:12]))
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, name)
	if there, err := os.ReadFile(file); err == nil && bytes.Equal(there, text) {
		return file, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	made, err := os.CreateTemp(folder, name+".*")
	if err != nil {
		return "", err
	}
	_, err = made.Write(text)
	err = errors.Join(err, made.Close(), os.Chmod(made.Name(), 0o400))
	if err == nil {
		err = os.Rename(made.Name(), file)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(made.Name()))
	}
	return file, nil
}
