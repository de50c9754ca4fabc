package home

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A NotEmptyError says that a folder has what a restore would overwrite.
type NotEmptyError struct{ Folder, What string }

func (e *NotEmptyError) Error() string { return e.Folder + " has " + e.What + " already" }

// Backup writes a consistent copy of the home to a new file: its runs and its credentials as they
// are stored, without their key. Runs may go on meanwhile. The error is an *engine.Trouble, or that
// of the file; fs.ErrExist is among them.
func (o *Opened) Backup(ctx context.Context, file string) (err error) {
	if o.journal == nil {
		return errors.New("the runs of this home are not in a journal of its folder")
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			_ = os.Remove(file)
		}
	}()
	folder, err := os.MkdirTemp(filepath.Dir(file), ".errand-backup-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if _, err := o.journal.Backup(ctx, folder); err != nil {
		return trouble(err, engine.TroubleStore)
	}
	if err := copyFile(filepath.Join(o.Folder, credentialsFile), filepath.Join(folder, credentialsFile)); err != nil {
		return err
	}
	if err := writeArchive(out, folder, time.Now().UTC().Truncate(time.Second)); err != nil {
		return err
	}
	return out.Sync()
}

// copyFile copies a file, if it exists. The credential store replaces its file, and never changes
// it.
func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}

// Restore puts a backup into the home. The home must have no runs, no tokens, no audit log, and no
// credentials except those of the backup. Restore reads the whole backup before it changes anything. The
// home then counts as a copy, to which no browser is signed in. The error is a *BackupError, a
// *NotEmptyError, an *engine.Trouble, or that of a file.
func (h *Home) Restore(ctx context.Context, file string) (m Manifest, err error) {
	in, err := os.Open(file)
	if err != nil {
		return m, err
	}
	defer func() { _ = in.Close() }()
	if err := h.isEmpty(ctx); err != nil {
		return m, err
	}
	if err := os.MkdirAll(h.Folder, 0o700); err != nil {
		return m, err
	}
	folder, err := os.MkdirTemp(h.Folder, ".restore-")
	if err != nil {
		return m, err
	}
	defer func() {
		if err = errors.Join(err, os.RemoveAll(folder)); err != nil {
			_ = os.Remove(h.Folder) // only if there is nothing in it
		}
	}()
	if m, err = readArchive(in, file, folder); err != nil {
		return m, err
	}
	if err := examineJournal(ctx, folder); err != nil {
		return m, err
	}
	if err := installCredentials(folder, h.Folder); err != nil {
		return m, err
	}
	if err := journal.Install(folder, h.Folder); err != nil {
		return m, trouble(err, engine.TroubleStore)
	}
	return m, h.isolateRestored(ctx, m)
}

// isEmpty returns a *NotEmptyError if the home has runs, or what a service keeps.
func (h *Home) isEmpty(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(h.Folder, journalFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	j, err := journal.Open(ctx, h.Folder)
	if err != nil {
		return trouble(err, engine.TroubleStore)
	}
	what, err := contents(ctx, j)
	if err = errors.Join(err, j.Close()); err != nil {
		return trouble(err, engine.TroubleStore)
	}
	if what != "" {
		return &NotEmptyError{h.Folder, what}
	}
	return nil
}

// contents returns what a journal has that a restore would overwrite, or "".
func contents(ctx context.Context, j *journal.SQLite) (string, error) {
	if runs, err := j.List(ctx, journal.Query{Pruned: true, Limit: 1}); err != nil || len(runs) > 0 {
		return "runs", err
	}
	if tokens, err := j.Tokens(ctx); err != nil || len(tokens) > 0 {
		return "tokens", err
	}
	if entries, err := j.Audit(nil).Length(ctx); err != nil || entries > 0 {
		return "an audit log", err
	}
	return "", nil
}

// examineJournal opens the journal in a folder, which brings it to the version of this program, and
// reads all of it.
func examineJournal(ctx context.Context, folder string) error {
	j, err := journal.Open(ctx, folder)
	if err != nil {
		return trouble(err, engine.TroubleStore)
	}
	return trouble(errors.Join(j.Check(ctx), j.Close()), engine.TroubleStore)
}

// installCredentials moves the credentials of a folder into a home. The home may have the same
// credentials from an earlier restore that was interrupted.
func installCredentials(folder, home string) error {
	from, to := filepath.Join(folder, credentialsFile), filepath.Join(home, credentialsFile)
	restored, err := examineFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	switch there, err := examineFile(to); {
	case errors.Is(err, fs.ErrNotExist):
		return os.Rename(from, to)
	case err != nil:
		return err
	case there != restored:
		return &NotEmptyError{home, "credentials"}
	}
	return nil
}

// isolateRestored opens the home for the first time, and makes its runs wait for adoption.
func (h *Home) isolateRestored(ctx context.Context, m Manifest) error {
	j, err := journal.Open(ctx, h.Folder)
	if err != nil {
		return trouble(err, engine.TroubleStore)
	}
	err = j.Isolate(ctx, "restored from a backup of "+m.Made.Format("2006-01-02 15:04:05Z"))
	return trouble(errors.Join(err, j.Close()), engine.TroubleStore)
}
