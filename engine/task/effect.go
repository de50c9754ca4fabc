package task

// An Effect says what happens if a call is repeated. It decides what the engine may do if it does
// not know whether a call took effect.
type Effect string

// The effects that a task type can declare.
const (
	Pure      Effect = "pure"      // computes; can be computed again
	Reads     Effect = "reads"     // reads only; can be read again
	Converges Effect = "converges" // a repeat reaches the same state: with Call.Recover the task looks first
	Keyed     Effect = "keyed"     // sends Call.Key as an idempotency token: the same bytes can be sent again
	Evident   Effect = "evident"   // leaves evidence: with Call.Recover the task looks for it first
	Once      Effect = "once"      // can be neither repeated nor looked up: a person must decide
)

// Repeatable reports whether the engine may repeat a call whose outcome is unknown.
func (e Effect) Repeatable() bool { return e != Once }

// effectDocs complete the sentence "a task that …".
var effectDocs = map[Effect]string{
	Pure:      "computes only; may be computed again",
	Reads:     "reads only; may be read again",
	Converges: "reaches a state; after a crash it looks first, and acts only if the state is not reached",
	Keyed:     "acts with a key; a repeat with the same key changes nothing more",
	Evident:   "leaves evidence; after a crash it looks for it, and acts only if there is none",
	Once:      "can be neither repeated nor looked up; after a crash a person decides",
}

// Doc returns what a repeat does, for people. It follows the words "a task that".
func (e Effect) Doc() string { return effectDocs[e] }
