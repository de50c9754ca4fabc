// Package golden runs the test cases of workflows, and keeps what came of them. A case is one document
// (golang.org/x/tools/txtar): prose, then files.
//
//	case.yaml    what is run, what persons do meanwhile, and what is expected whatever the trace says: see Case
//	mocks.yaml   optional: what the task types answer, a list of Mock
//	world.yaml   optional: top-level keys that replace those of the sandbox's default world
//	NAME.yaml    optional: a definition of the case's own
//	trace        what happened, in order
//	afterwards   what the run came to, and what the sandbox holds at the end, as the people concerned would see it
//
// A case without mocks acts on the sandbox, over HTTP and through the real clients. With mocks it acts on nothing: what no mock answers
// makes the case fail, unless it has a world too. Time is a clock that jumps; nothing in a trace depends on the machine or the day.
//
// In reading order: case.go (a document) with document.go (its parts), mocks.go with answer.go and stage.go (what a run of it acts on), run.go, trace.go and afterwards.go (what came of
// it), expect.go (what is wrong with that), suite.go (cases in folders), coverage.go (what cases reach of a definition), crash.go with life.go and
// steady.go (a case with crashes), mutant.go with mutant_value.go and mutant_lines.go, and mutate.go (what cases notice), record.go with yaml.go and
// history.go (runs on record).
package golden
