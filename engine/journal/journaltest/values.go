package journaltest

import (
	"encoding/json"
	"fmt"
	"time"

	"errand/engine/journal"
	"errand/engine/task"
)

// entries are one of each kind, which between them have every member.
func entries() []journal.Entry {
	at := start.Add(1500 * time.Millisecond)
	return []journal.Entry{
		{Kind: journal.Intent, At: at, Step: "start", Call: &task.Call{
			Run: "one", Step: "start", Type: "ec2.start_instance", Credential: "aws-prod", Input: json.RawMessage(`{"instance":"i-0abc"}`),
			Attempt: 2, Started: start, Now: at, Deadline: start.Add(time.Hour), Note: "pending", Recover: true,
		}},
		{Kind: journal.Replied, At: at, Step: "start", Reply: &task.Reply{Output: json.RawMessage(`{"state":"running"}`)}},
		{Kind: journal.Replied, At: at, Step: "poll", Reply: &task.Reply{Again: &task.Again{After: 5 * time.Second, Note: "token"}}},
		{Kind: journal.Replied, At: at, Step: "stop", Reply: &task.Reply{Failure: &task.Failure{
			Code: "IncorrectInstanceState", Message: "is not running", Status: 400, Transient: true, Unknown: true, RetryAfter: time.Second,
		}}},
		{Kind: journal.Slept, At: at, Step: "wait", Due: at.Add(24 * time.Hour)},
		{Kind: journal.Woke, At: at.Add(1), Step: "wait"},
		{Kind: journal.Cancelled, At: at},
		{Kind: journal.Decided, At: at, Step: "approve", Word: "approve", By: "amira", Text: "fine\nby me"},
		{Kind: journal.Resumed, At: at, Word: "the process was killed", By: "errand run, process 4711"},
		{Kind: journal.Stopped, At: at, By: "joao"},
		{Kind: journal.Retried, At: at, By: "joao", Keep: 3, Digest: "d2"},
	}
}

// show is a value for people.
func show(v any) string {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Sprintf("%#v", v)
	}
	return string(data)
}
