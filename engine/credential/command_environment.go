package credential

import (
	"os"
	"runtime"
	"slices"
	"strings"
)

// commandVariables are the variables that a key command gets: where programs and files are, how to
// reach the user's other programs, and the language. None contains a secret. A name that ends in *
// is a prefix.
var commandVariables = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LC_*", "TERM",
	"XDG_*", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "SSH_AUTH_SOCK", "GNUPGHOME", "GPG_TTY",
	"CREDENTIALS_DIRECTORY", "SSL_CERT_FILE", "SSL_CERT_DIR",
}

// windowsVariables are the variables that a key command also gets on Windows.
var windowsVariables = []string{
	"APPDATA", "COMPUTERNAME", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA", "PROGRAMFILES*",
	"SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "USERDOMAIN", "USERNAME", "USERPROFILE", "WINDIR",
}

// commandEnvironment returns the part of the environment that a key command gets.
func commandEnvironment() []string {
	allowed := commandVariables
	if runtime.GOOS == "windows" {
		allowed = slices.Concat(allowed, windowsVariables)
	}
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return !slices.ContainsFunc(allowed, func(pattern string) bool { return matchesName(pattern, name) })
	})
}

// matchesName compares a variable's name as the system does: Windows ignores case.
func matchesName(pattern, name string) bool {
	if runtime.GOOS == "windows" {
		name = strings.ToUpper(name)
	}
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return name == pattern
}
