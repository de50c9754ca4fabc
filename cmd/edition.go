package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/home"
)

// An Edition makes a Command another program than errand, such as errand-worker. What is the same in
// both is written for errand: the commands, their help and their hints. An Edition says what differs.
type Edition struct {
	Name    string // what is typed, such as errand-worker
	Purpose string // follows the name in the help of the program, such as "runs workflows on many machines"

	// Without says which commands and flags of errand this program lacks, and why: keys are such as
	// "backup", "runs adopt" and "serve --retain". They are refused with the reason, and no help, hint or
	// completion names them.
	Without map[string]string

	// Usage says what a command or a flag does in this program, if that is not what it does in errand. Keys
	// are those of Without, and such as "--home" for a flag of every command.
	Usage map[string]string

	Topics   []string // the pages of the manual that this program prints
	Flags    []Flag   // further flags of every command that opens a home
	Commands []Extra

	// Workers says that other processes, the workers, carry runs on. So --detach starts no process, and
	// the end of a command that follows a run does not stop the run.
	Workers bool

	// Examine returns what errand doctor finds about the system that keeps the runs, before all else. It
	// may be nil.
	Examine func(ctx context.Context, at *home.Home) []Finding
}

// A Finding is something that errand doctor has found.
type Finding struct {
	What    string // what was examined, such as "namespace"
	OK      bool
	Warning bool // it is no fault, but somebody should know
	Message string
	Hint    string // may be empty
	Code    int    // the exit code if it is not OK
}

// A Flag is a flag that an Edition adds. The command line sets *To before a command runs: to the flag's
// value, that of the environment variable, or the default.
type Flag struct {
	Name    string
	Usage   string // with a name of the value in backquotes: FILE and DIR are completed
	Env     string // an environment variable; may be empty
	To      any    // *string, *bool, *int or *time.Duration
	Default any    // of the type of *To; nil means the zero value
}

// flag returns the flag of the cli library.
func (f Flag) flag() cli.Flag {
	var env []string
	if f.Env != "" {
		env = []string{f.Env}
	}
	switch to := f.To.(type) {
	case *string:
		value, _ := f.Default.(string)
		return &cli.StringFlag{Name: f.Name, Usage: f.Usage, EnvVars: env, Value: value, Destination: to}
	case *bool:
		value, _ := f.Default.(bool)
		return &cli.BoolFlag{Name: f.Name, Usage: f.Usage, EnvVars: env, Value: value, Destination: to}
	case *int:
		value, _ := f.Default.(int)
		return &cli.IntFlag{Name: f.Name, Usage: f.Usage, EnvVars: env, Value: value, Destination: to}
	case *time.Duration:
		value, _ := f.Default.(time.Duration)
		return &cli.DurationFlag{Name: f.Name, Usage: f.Usage, EnvVars: env, Value: value, Destination: to}
	}
	panic(fmt.Sprintf("the flag --%s has a %T", f.Name, f.To))
}

// words returns the words of a command line that set the flag as it is set; none if it has its default or
// the value of the environment.
func (f Flag) words(getenv func(string) string) []string {
	value, standard := "", ""
	if f.Default != nil {
		standard = fmt.Sprint(f.Default)
	}
	switch to := f.To.(type) {
	case *string:
		value = *to
	case *bool:
		if !*to || f.Env != "" && getenv(f.Env) != "" {
			return nil
		}
		return []string{"--" + f.Name}
	case *int:
		if value = fmt.Sprint(*to); f.Default == nil {
			standard = "0"
		}
	case *time.Duration:
		if value = to.String(); f.Default == nil {
			standard = "0s"
		}
	}
	if value == standard || f.Env != "" && value == getenv(f.Env) {
		return nil
	}
	return []string{"--" + f.Name, word(value)}
}

func cliFlags(flags []Flag) []cli.Flag {
	made := make([]cli.Flag, len(flags))
	for i, f := range flags {
		made[i] = f.flag()
	}
	return made
}
