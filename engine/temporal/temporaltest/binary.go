package temporaltest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// binaryVariable names a server that is built already.
const binaryVariable = "ERRAND_TEMPORAL_SERVER"

// unused is how long a server stays in the cache after its last use. It has 200 MB.
const unused = 14 * 24 * time.Hour

// start is the working directory of the test binary before a test could change it. It is a folder of
// the module.
var start, errStart = os.Getwd()

// findBinary returns the path of the server's program. It builds the program if it is not in the
// cache.
func findBinary(tb testing.TB) string {
	tb.Helper()
	if path := os.Getenv(binaryVariable); path != "" {
		if _, err := os.Stat(path); err != nil {
			tb.Fatalf("%s: %v; expected the path of a built engine/temporal/testserver", binaryVariable, err)
		}
		return path
	}
	path, err := cachedBinary(tb)
	if err != nil {
		tb.Fatalf("no Temporal server could be built: %v", err)
	}
	return path
}

// cachedBinary returns the path of the program in the user's cache. Of several processes, one builds
// it and the others wait.
func cachedBinary(tb testing.TB) (string, error) {
	source, err := sourceFolder(tb)
	if err != nil {
		return "", err
	}
	digest, err := digestOf(source)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "errand-test")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	lock := flock.New(filepath.Join(cache, "temporal-server.lock"))
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }()
	path := filepath.Join(cache, "temporal-server-"+digest)
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		removeUnused(cache)
		if err := build(tb, source, path); err != nil {
			return "", err
		}
	}
	now := time.Now()
	return path, os.Chtimes(path, now, now)
}

// sourceFolder returns the folder of the server's module.
func sourceFolder(tb testing.TB) (string, error) {
	if errStart != nil {
		return "", errStart
	}
	command := exec.CommandContext(tb.Context(), "go", "env", "GOMOD")
	command.Dir = start
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	return filepath.Join(root, "engine", "temporal", "testserver"), nil
}

// digestOf returns a digest of everything that the program depends on.
func digestOf(source string) (string, error) {
	files, err := filepath.Glob(filepath.Join(source, "*.go"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", fmt.Errorf("%s has no Go files", source)
	}
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, file := range append(files, filepath.Join(source, "go.mod"), filepath.Join(source, "go.sum")) {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(hash, filepath.Base(file), len(text))
		_, _ = hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

// build builds the program. The file gets its name when it is complete.
func build(tb testing.TB, source, path string) error {
	tb.Logf("building the Temporal server %s, which may take minutes", path)
	unfinished := path + ".new"
	command := exec.CommandContext(tb.Context(), "go", "build", "-buildvcs=false", "-o", unfinished, ".")
	command.Dir = source
	command.Env = append(os.Environ(), "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build in %s: %w\n%s", source, err, out)
	}
	return os.Rename(unfinished, path)
}

// removeUnused removes servers from the cache that nobody has used for long. One that runs on Windows
// cannot be removed; it stays until the next time.
func removeUnused(cache string) {
	old, _ := filepath.Glob(filepath.Join(cache, "temporal-server-*"))
	for _, path := range old {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > unused {
			_ = os.Remove(path)
		}
	}
}
