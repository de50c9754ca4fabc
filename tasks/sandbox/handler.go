package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Handler serves both systems on one listener: EC2 at /ec2, ISM at /ism (so that http://ADDR/ism is
// an app_url), a page for people at /, and the State as JSON at /state.
//
// A lost reply and a refused connection look the same here: the connection is closed without an
// answer. A server that was reached can no longer refuse the connection.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/ec2", s.EC2())
	mux.Handle("/ec2/", s.EC2())
	mux.Handle("/ism/", http.StripPrefix("/ism", s.ISM()))
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		_ = enc.Encode(s.State()) // an error means that the client has gone
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, welcome, r.Host, AWSCommand(r.Host))
	})
	return mux
}

// AWSCommand returns a command line for a shell, with which the AWS CLI lists the instances of a
// sandbox that [Sandbox.Handler] serves at an address, such as 127.0.0.1:8330. It names the endpoint
// with a flag, because older versions of the CLI read no variable for it, and no pager, because the
// CLI fails if there is none.
func AWSCommand(address string) string {
	return "AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_PAGER= aws --region " + region + " --endpoint-url http://" + address + "/ec2 ec2 describe-instances"
}

const welcome = `This is a sandbox: it simulates an Amazon EC2 and an Intelligent Service Management (ISM).

EC2    http://%[1]s/ec2
       %[2]s

ISM    http://%[1]s/ism
       curl http://%[1]s/ism/csmconnector/Ticket/100-291 -H 'user_auth_token: any' -H 'slice_token: any' \
         -H 'csm_app_url: http://%[1]s/ism' -H 'webservice_user_name: any' -H 'webservice_user_password: any'

State  http://%[1]s/state

Any credentials that are not empty are accepted. Everything is lost when the process ends.
`
