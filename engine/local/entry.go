package local

import (
	"errand/engine"
	"errand/engine/journal"
)

// decisionOf is the decision that an entry records.
func decisionOf(e journal.Entry) engine.Decision {
	return engine.Decision{Verdict: e.Verdict, By: by(e), Comment: e.Comment}
}

// by is the person that an entry names, or nobody.
func by(e journal.Entry) engine.Person {
	if e.By == nil {
		return engine.Person{}
	}
	return *e.By
}
