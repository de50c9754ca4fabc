package task

// An Effect says what repeating a call does, and so what the engine may do when it does not know whether a call took effect.
type Effect string

// The effects that a task type can declare.
const (
	Pure      Effect = "pure"      // computes; can be computed again
	Reads     Effect = "reads"     // reads only; can be read again
	Converges Effect = "converges" // repeating reaches the same state: called again with Recover, it looks first
	Keyed     Effect = "keyed"     // carries Call.Key as an idempotency token: the same bytes can be sent again
	Evident   Effect = "evident"   // can find out whether it happened: called again with Recover, it looks for the evidence first
	Once      Effect = "once"      // can neither be repeated nor looked up: a person must decide
)

// Repeatable tells whether the engine may call again by itself when an outcome is not known.
func (e Effect) Repeatable() bool { return e != Once }

// effectDocs complete the sentence "a task that …".
var effectDocs = map[Effect]string{
	Pure:      "computes only; may be computed again",
	Reads:     "reads only; may be read again",
	Converges: "reaches a state; after a crash it looks first, and acts only where the state is not reached",
	Keyed:     "acts under a key; a repeat with the same key does nothing new",
	Evident:   "leaves evidence; after a crash it looks for that, and acts only where there is none",
	Once:      "can neither be repeated nor looked up; after a crash a person decides",
}

// Doc says for people what a repeat does, after the words "a task that".
func (e Effect) Doc() string { return effectDocs[e] }
