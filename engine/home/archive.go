package home

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A backup is a tar archive. Its first file is a Manifest, which lists the others in their order.
const (
	manifestFile  = "errand-backup.json"
	backupFormat  = "errand backup"
	backupVersion = 1
	maxManifest   = 1 << 20

	journalFile     = "journal.db"
	credentialsFile = "credentials.json"
)

// backedUp are the files that a backup may hold. The journal must be among them.
var backedUp = []string{journalFile, credentialsFile}

// A Manifest describes a backup.
type Manifest struct {
	Format  string       `json:"format"`
	Version int          `json:"version"`
	Made    time.Time    `json:"made"`
	Files   []BackupFile `json:"files"`
}

// A BackupFile is a file in a backup.
type BackupFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// A BackupError says why a file is not a backup that can be restored.
type BackupError struct{ File, Reason string }

func (e *BackupError) Error() string { return e.File + " cannot be restored: " + e.Reason }

// writeArchive writes files of a folder as a backup.
func writeArchive(w io.Writer, folder string, made time.Time) error {
	m := Manifest{Format: backupFormat, Version: backupVersion, Made: made}
	for _, name := range backedUp {
		f, err := examineFile(filepath.Join(folder, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	if err := archive.WriteHeader(header(manifestFile, int64(len(text)), made)); err != nil {
		return err
	}
	if _, err := archive.Write(text); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := addFile(archive, filepath.Join(folder, f.Name), header(f.Name, f.Size, made)); err != nil {
			return err
		}
	}
	return archive.Close()
}

func header(name string, size int64, at time.Time) *tar.Header {
	return &tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: at.Truncate(time.Second), Typeflag: tar.TypeReg}
}

func addFile(archive *tar.Writer, path string, h *tar.Header) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := archive.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return err
}

// examineFile returns the name, the size and the hash of a file.
func examineFile(path string) (BackupFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return BackupFile{}, err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	return BackupFile{Name: filepath.Base(path), Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// readArchive extracts a backup into a folder. file names it in errors. The error is a *BackupError
// if it is not exactly what its manifest says.
func readArchive(r io.Reader, file, folder string) (Manifest, error) {
	archive := tar.NewReader(r)
	m, err := readManifest(archive)
	if err != nil {
		return m, &BackupError{file, err.Error()}
	}
	for _, want := range m.Files {
		if err := extract(archive, want, folder); err != nil {
			return m, &BackupError{file, err.Error()}
		}
	}
	if h, err := archive.Next(); !errors.Is(err, io.EOF) {
		if err != nil {
			return m, &BackupError{file, damaged(err).Error()}
		}
		return m, &BackupError{file, fmt.Sprintf("it is damaged: it also holds %q", h.Name)}
	}
	return m, nil
}

func readManifest(archive *tar.Reader) (m Manifest, err error) {
	h, err := archive.Next()
	if err != nil || h.Name != manifestFile || h.Size > maxManifest {
		return m, errors.New("it is not a backup of errand")
	}
	text, err := io.ReadAll(archive)
	if err != nil {
		return m, damaged(err)
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Format != backupFormat {
		return m, errors.New("it is damaged, or not a backup of errand")
	}
	if m.Version != backupVersion {
		return m, fmt.Errorf("it has version %d, and this program knows version %d", m.Version, backupVersion)
	}
	seen := map[string]bool{}
	for _, f := range m.Files {
		if seen[f.Name] || !slices.Contains(backedUp, f.Name) {
			return m, fmt.Errorf("it is damaged: it lists %q", f.Name)
		}
		seen[f.Name] = true
	}
	if !seen[journalFile] {
		return m, errors.New("it is damaged: it has no " + journalFile)
	}
	return m, nil
}

// extract writes the next file of an archive into a folder, and compares it with what was listed.
func extract(archive *tar.Reader, want BackupFile, folder string) error {
	h, err := archive.Next()
	if err != nil {
		return damaged(err)
	}
	if h.Name != want.Name || h.Size != want.Size {
		return fmt.Errorf("it is damaged: it holds %q where it lists %q", h.Name, want.Name)
	}
	f, err := os.OpenFile(filepath.Join(folder, want.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, sum), archive)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return damaged(err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != want.SHA256 {
		return errors.New("it is damaged: " + want.Name + " is not what was backed up")
	}
	return nil
}

func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is damaged: it ends too early")
	}
	return fmt.Errorf("it is damaged: %w", err)
}
