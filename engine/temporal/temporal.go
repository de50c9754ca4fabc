// Package temporal carries runs out on Temporal, a distributed engine, for those who need more than
// one machine. A run is one workflow of Temporal in which the interpreter works; a call of a task is
// one activity. Nothing distributed is written here.
//
// A Runner implements the runner's contract of package engine. Workers, which are Runners that work,
// carry the runs out; all other processes start runs, read them and decide about them. The server keeps
// what a run has done in two forms: the history of its workflow, by which a worker that takes the run up
// comes to where it stopped, and the Record, which the workflow makes from the same answers. The record
// goes on when the history has become too long, and readers get it from a worker. As a Record is made of
// the entries of a journal, the code of package local reads it, retries it and says who may decide.
//
// In reading order, a run: runner.go (what a Runner is), record.go (what is known of a run), start.go (it
// is put on record), worker.go (who carries it out), workflow.go (the workflow), ledger.go and host.go (the
// host of the interpreter), host_record.go (it answers from the record), host_fork.go, host_rest.go (it
// waits, and continues as new).
//
// A call: activity.go (from the workflow to the task and back), limits.go and lease.go (how long it may
// take, and until when a worker may send), reset.go (an operator has made Temporal forget calls).
//
// What others see and do: publish.go and memo.go (what the server shows without a worker), attributes.go,
// find.go, list.go and count.go (how runs are found), read.go, pages.go and size.go (the record comes from
// a worker), record_reader.go, record_journal.go and record_json.go (it is read as a journal is), follow.go,
// decide.go and messages.go (a decision is an update), retry.go, turn.go (runs with a concurrency key take
// turns), stuck.go and unanswered.go (no worker answers).
//
// The server: connection.go, connection_secret.go, connection_trouble.go and probe.go (the way to it),
// open.go, codec.go and codec_server.go (encryption), setup.go, deployment.go (versions of workers),
// examine.go and examine_clock.go (for administrators).
package temporal
