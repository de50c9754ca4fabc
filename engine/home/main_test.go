package home_test

import (
	"os"
	"testing"
)

// TestMain gives the tests homes of their own: the key of the person who runs them would open what a
// test expects to be closed.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "errand-home")
	if err != nil {
		panic(err)
	}
	for _, variable := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"} {
		if err := os.Setenv(variable, folder); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if err := os.RemoveAll(folder); err != nil {
		panic(err)
	}
	os.Exit(code)
}
