package cmd_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/cmd"
	"errand/tasks"
)

// On a terminal, credentials add asks in three groups. Enter skips a question or a whole group, but
// not what is required.
func TestCredentialsAddAsks(t *testing.T) {
	for _, c := range []struct {
		connector string
		turns     [][2]string // what is asked, and the answer
		stored    []string    // of what credentials show prints
		absent    []string
	}{
		{"ec2", [][2]string{
			{"1 of 3: keys; Enter skips a question\r\nAccess Key ID, access_key_id: Identifies the user who makes the requests (not shown): ", "AKIAABCDEFGHIJKLMNOP"},
			{"secret_access_key: The secret that belongs to the access key (not shown): ", "CANARY"},
			{"session_token: The session token of temporary keys (not shown): ", ""},
			{"2 of 3: where requests go; Enter skips a question\r\nenter region_endpoint, region? (y, or Enter to skip): ", "what"},
			{"expected y, or Enter to skip\r\nenter region_endpoint, region? (y, or Enter to skip): ", "y"},
			{"[ec2.us-east-1.amazonaws.com]: ", "eu-west-1"},
			{"Region, region: ", ""},
			{"3 of 3: further settings; Enter skips a question\r\nenter key_pair_name, security_group_ids, profile, role_arn, external_id? (y, or Enter to skip): ", ""},
		}, []string{"eu-west-1"}, []string{"CANARY", "role_arn     no"}},
		{"ism", [][2]string{
			{"1 of 3: keys; Enter skips a question\r\nUser Auth Token, user_auth_token: The token that identifies the user of the web service (not shown): ", ""},
			{"user_auth_token is required\r\nUser Auth Token, user_auth_token: The token that identifies the user of the web service (not shown): ", "CANARY"},
			{"slice_token: The token that identifies the tenant (not shown): ", "CANARY"},
			{"webservice_user_name: The user name with which tickets are changed: ", "errand"},
			{"webservice_user_password: The password of the web service user (not shown): ", "CANARY"},
			{"2 of 3: where requests go; Enter skips a question\r\nApplication URL, app_url: The address of the ISM application, such as https://csm3.example.com: ", "https://csm3.example.com"},
			{"Paths, paths: The paths of the web service that differ at this site: ", ""},
			{"3 of 3: further settings; Enter skips a question\r\nenter evidence_delay? (y, or Enter to skip): ", ""},
		}, []string{"https://csm3.example.com"}, []string{"CANARY"}},
	} {
		t.Run(c.connector, func(t *testing.T) {
			person, terminal := openTerminal(t)
			folder := t.TempDir()
			for name, value := range map[string]string{"ERRAND_HOME": filepath.Join(folder, "home"), "HOME": folder, "ERRAND_KEY_FILE": filepath.Join(folder, "key")} {
				t.Setenv(name, value)
			}
			said := make(chan int, 1)
			go func() {
				errand := &cmd.Command{Stdin: terminal, Stdout: terminal, Stderr: terminal, Getenv: os.Getenv, Connectors: tasks.Connectors}
				said <- errand.Run(t.Context(), []string{"credentials", "add", c.connector, "default"})
				_ = terminal.Close()
			}()
			heard := bufio.NewReader(person)
			for _, turn := range c.turns {
				text := ""
				for !strings.HasSuffix(text, turn[0]) {
					b, err := heard.ReadByte()
					if err != nil {
						t.Fatalf("waiting for %q after %q: %v", turn[0], text, err)
					}
					text += string(b)
				}
				if _, err := fmt.Fprintln(person, turn[1]); err != nil {
					t.Fatal(err)
				}
			}
			go func() { _, _ = heard.WriteTo(discard{}) }() // otherwise writes would block
			if code := <-said; code != cmd.ExitSucceeded {
				t.Fatalf("exit code %d", code)
			}
			var out bytes.Buffer
			show := &cmd.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: os.Getenv, Connectors: tasks.Connectors}
			if code := show.Run(t.Context(), []string{"credentials", "show", c.connector, "default"}); code != cmd.ExitSucceeded {
				t.Fatalf("exit code %d: %s", code, &out)
			}
			for _, want := range c.stored {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not stored:\n%s", want, &out)
				}
			}
			for _, not := range c.absent {
				if strings.Contains(out.String(), not) {
					t.Errorf("%q is shown:\n%s", not, &out)
				}
			}
		})
	}
}
