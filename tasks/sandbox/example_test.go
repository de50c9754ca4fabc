package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"errand/tasks/sandbox"
)

// A worklog is added, and the reply is lost.
func Example() {
	world := `{
		"tickets": [{"id": "100-291"}],
		"faults": [{"system": "ism", "action": "POST Worklog", "lose_reply": 1}]
	}`
	s, err := sandbox.New([]byte(world), time.Now)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Observe(func(e sandbox.Exchange) { fmt.Println(e.Request, "=>", e.Answer) })

	client := &http.Client{Transport: s.Transport()}
	body := strings.NewReader(`{"Text": "rebooted", "TicketIdentifier": "100-291"}`)
	req, err := http.NewRequest("POST", sandbox.ISMURL+"/csmconnector/Worklog", body)
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	for _, name := range []string{"user_auth_token", "slice_token", "csm_app_url", "webservice_user_name", "webservice_user_password"} {
		req.Header.Set(name, "any")
	}
	_, err = client.Do(req)
	fmt.Println(err)
	fmt.Println(s.State().Tickets[0].Worklogs[0].Text)
	// Output:
	// POST /csmconnector/Worklog {"Text":"rebooted","TicketIdentifier":"100-291"} => reply lost
	// Post "http://ism.sandbox.invalid/csmconnector/Worklog": reading the reply of ism.sandbox.invalid: unexpected EOF
	// rebooted
}

func ExampleNew() {
	_, err := sandbox.New([]byte(`{"instances": [{"id": "i-0a1b2c3d", "state": "runing"}]}`), time.Now)
	fmt.Println(err)
	// Output: instances[0].state: "runing" is not a state; did you mean "running"?
}
