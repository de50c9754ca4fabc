package cmd

import (
	"errors"
	"fmt"
	"net/url"

	"errand/engine/console"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/openid"
)

// A signIn signs people in to the console. The zero signIn does not.
type signIn struct {
	provider console.Provider
	name     string // of the provider, for people
}

// callbackPath is where the provider sends people back to. The address of the console and this path are
// registered with the provider.
const callbackPath = "/sign-in/callback"

// loadSignIn reads the file of --openid, and shows what is wrong with it.
func (c *serveCommand) loadSignIn() (signIn, error) {
	if c.openid == "" {
		return signIn{}, nil
	}
	at, err := url.Parse(c.publicURL)
	switch {
	case c.publicURL == "" || err != nil:
		return signIn{}, &Exit{Code: ExitUsage, Message: "--openid needs --public-url", Hint: "the provider sends people back to the address of the console, such as https://errand.example.com" + callbackPath}
	case at.Path != "":
		return signIn{}, usage("--openid: the address of --public-url must have no path; found %q", at.Path)
	}
	config, err := openid.Load(c.openid)
	if wrong, ok := errors.AsType[*openid.FileError](err); ok {
		return signIn{}, c.showFile(wrong)
	}
	if err != nil {
		return signIn{}, definitionExit(err)
	}
	issuer, err := url.Parse(config.Issuer)
	if err != nil {
		return signIn{}, err // the file was checked
	}
	return signIn{openid.New(config, c.publicURL+callbackPath), issuer.Host}, nil
}

// showFile shows the problems of the file with their lines.
func (c *serveCommand) showFile(wrong *openid.FileError) error {
	source, err := library.ReadDefinition(c.openid)
	if err != nil {
		return definitionExit(err)
	}
	if err := c.problems(wrong.Problems, source.Text); err != nil {
		return err
	}
	return &Exit{Code: ExitProblems, Message: fmt.Sprintf("%s: %s; the service was not started", c.openid, diag.Summary(wrong.Problems))}
}
