package cmd

import (
	"fmt"
	"net/http"
)

// awsCommand returns a command line for a shell, with which the AWS CLI lists the instances of the
// sandbox at an address. It names the endpoint with a flag, because older versions of the CLI read no
// variable for it, and no pager, because the CLI fails if there is none.
func awsCommand(address string) string {
	return "AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_PAGER= aws --region us-east-1 --endpoint-url http://" + address + "/ec2 ec2 describe-instances"
}

// withPage returns a handler that serves a page for people at /, and everything else with another
// handler.
func withPage(sandbox http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", sandbox)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, sandboxPage, r.Host, awsCommand(r.Host))
	})
	return mux
}

const sandboxPage = `This is a sandbox: it simulates an Amazon EC2 and an Intelligent Service Management (ISM).

EC2    http://%[1]s/ec2
       %[2]s

ISM    http://%[1]s/ism
       curl http://%[1]s/ism/csmconnector/Ticket/100-291 -H 'user_auth_token: any' -H 'slice_token: any' \
         -H 'csm_app_url: http://%[1]s/ism' -H 'webservice_user_name: any' -H 'webservice_user_password: any'

State  http://%[1]s/state

Any credentials that are not empty are accepted. Everything is lost when the process ends.
`
