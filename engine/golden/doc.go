// Package golden runs the test cases of workflows and compares their outcomes with the expected
// ones. A case is one document in the format of golang.org/x/tools/txtar: prose, then files.
//
//	case.yaml    what is run, what persons do, and what is expected besides the trace: see Case
//	mocks.yaml   optional: the replies of task types, a list of Mock
//	world.yaml   optional: what the sandbox holds; a key that it leaves out keeps its default
//	NAME.yaml    optional: a definition that only this case uses
//	trace        what happened, in order
//	afterwards   the outcome of the run, and what the sandbox holds at the end
//
// A case without mocks acts on the sandbox, over HTTP and with the real clients. A case with mocks
// acts on the sandbox only if it has a world, too; otherwise it fails when no mock answers a call.
// The clock of a case jumps, and nothing in a trace depends on the machine or the day.
//
// In reading order:
//
//	case.go, parts.go                 a document and its parts
//	document.go, strict.go            a part, and what it may say
//	mocks.go, answer.go               mocks and their replies
//	bench.go, setup.go, inputs.go     what a run of a case acts on
//	check.go                          whether the workflow has what the case names
//	fault.go                          why a case cannot be run
//	run.go, trace.go, afterwards.go   a run and its outcome
//	expect.go                         what is wrong with an outcome
//	suite.go                          the cases in a folder
//	coverage.go                       what cases reach of a definition
//	crash.go                          a case with a crash at every point
//	crash_replies.go                  what repeated calls are answered
//	mutate.go                         which changes to a definition cases notice
//	mutant.go, mutant_value.go,
//	mutant_lines.go                   the changes
//	record.go, yaml.go                a case made from a run on record
//	history.go                        a run on record with another definition
package golden
