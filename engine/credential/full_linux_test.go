package credential

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAFullDisk uses a disk that is really full. It needs the right to mount one.
func TestAFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k,mode=0700"); err != nil {
		t.Skipf("no disk can be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	b := newBox(t)
	b.Store = b.open(filepath.Join(disk, "home"))
	b.add(cloud, "a", good())
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte{1}, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	old := b.raw()
	e := said[*StoreError](t, b.Add(t.Context(), cloud, "b", good("token", strings.Repeat("x", 8<<10))), "no space left on device", "the store is as it was, or has the change")
	if !errors.Is(e, syscall.ENOSPC) {
		t.Errorf("got %v", e)
	}
	if !bytes.Equal(b.raw(), old) {
		t.Error("the old file is not what it was")
	}
	// The time of the last use cannot be written either, which is not a failure.
	b.want("cloud/a key_id=" + canaryID + " secret=" + canarySecret)
	if litter, _ := filepath.Glob(filepath.Join(b.Home, "*.new")); litter != nil {
		t.Errorf("left behind: %q", litter)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	b.add(cloud, "b", good())
}
