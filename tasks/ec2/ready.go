package ec2

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ready reports whether a credential can be used. If none is stored, the SDK's own chain is used,
// and much of that is only known after a request. So ready refuses only if there is certainly no
// credential.
func (c *clients) ready(ctx context.Context, name string) error {
	stored, err := c.stored(ctx, name)
	if err != nil || stored != nil || environmentMayHaveOne() {
		return err
	}
	return badCredential("no credential of ec2 is stored, and the environment has none; store one, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
}

// environmentMayHaveOne looks at the places that the SDK's chain starts with: variables, files, a
// web identity, a container, the instance's metadata.
func environmentMayHaveOne() bool {
	variables := []string{
		"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	}
	if slices.ContainsFunc(variables, func(v string) bool { return os.Getenv(v) != "" }) {
		return true
	}
	home, _ := os.UserHomeDir()
	files := []string{
		cmp.Or(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), filepath.Join(home, ".aws", "credentials")),
		cmp.Or(os.Getenv("AWS_CONFIG_FILE"), filepath.Join(home, ".aws", "config")),
	}
	exists := func(file string) bool { _, err := os.Stat(file); return err == nil }
	return slices.ContainsFunc(files, exists) || !strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true")
}
