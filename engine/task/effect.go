package task

// An Effect says what happens if a call is repeated. It decides what the engine may do if it does
// not know whether a call took effect.
type Effect string

// The effects that a task type can declare.
const (
	// Pure only computes; it can be computed again.
	Pure Effect = "pure"

	// Reads only reads; it can be read again.
	Reads Effect = "reads"

	// Converges reaches the same state when it is repeated. With Call.Recover the task looks first.
	Converges Effect = "converges"

	// Keyed sends Call.Key as an idempotency token: the same bytes can be sent again.
	Keyed Effect = "keyed"

	// Evident leaves evidence. With Call.Recover the task only looks for it.
	Evident Effect = "evident"

	// Once can be neither repeated nor looked up: a person must decide.
	Once Effect = "once"
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
