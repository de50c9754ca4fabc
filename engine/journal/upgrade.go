package journal

import (
	"encoding/json"
	"fmt"
	"strings"

	"errand/engine"
)

// Upgrade turns the entries of a run of version 1, as they are stored, into entries of version 2.
// It fails at the first entry that cannot be decoded.
func Upgrade(entries []string) ([]Entry, error) {
	upgraded := make([]Entry, 0, len(entries))
	var u upgrader
	for i, text := range entries {
		e, _, err := u.upgrade(i+1, text)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		upgraded = append(upgraded, e)
	}
	return upgraded, nil
}

// An upgrader upgrades the entries of one run, in their order.
type upgrader struct {
	force []int // the numbers of the entries in force
}

// A version1Entry is an entry of version 1. Its own members take the place of those of Entry with
// the same name, which have another meaning or shape.
type version1Entry struct {
	Entry
	Word string `json:"word"` // of Decided: the verdict; of Resumed: how the work before had ended
	By   string `json:"by"`   // who, or which process
	Text string `json:"text"` // of Decided: the comment
	Keep int    `json:"keep"` // of Retried: how many of the entries in force stay in force
}

// upgrade upgrades the entry with a number. changed says that its text changes with the version. An
// entry that cannot be decoded counts as one in force.
func (u *upgrader) upgrade(number int, text string) (e Entry, changed bool, err error) {
	defer func() { u.force = append(u.force, number) }()
	var old version1Entry
	if err := json.Unmarshal([]byte(text), &old); err != nil {
		return Entry{}, false, err
	}
	e = old.InUTC()
	switch e.Kind {
	case Decided:
		e.Verdict = engine.Verdict(old.Word)
		e.By, e.Comment = decidedBy(old.By, old.Text)
	case Resumed:
		e.Process, e.Before = old.By, endingOf(old.Word)
	case Stopped:
		e.Process = old.By
	case Retried:
		if old.By != "" {
			e.By = &engine.Person{Name: old.By}
		}
		u.force = u.force[:max(0, min(old.Keep, len(u.force)))]
		e.Keep = Ranges(u.force)
	default:
		return e, false, nil
	}
	return e, true, nil
}

// decidedBy returns the person who decided, nil for nobody, and the comment. If somebody else
// entered the decision, version 1 says so at the end of the comment.
func decidedBy(name, text string) (by *engine.Person, comment string) {
	if name == "" {
		return nil, text
	}
	by = &engine.Person{Name: name}
	const entered = "(entered by "
	at := strings.LastIndex(text, entered)
	if at < 0 {
		return by, text
	}
	enteredBy, ok := strings.CutSuffix(text[at+len(entered):], ")")
	if !ok || enteredBy == "" {
		return by, text
	}
	by.EnteredBy = enteredBy
	return by, strings.TrimSuffix(text[:at], " ")
}

// quarantined is how version 1 begins the reason of a run that it cannot replay.
const quarantined = "quarantined, since it cannot be replayed: "

// endingOf turns the sentence in which version 1 says how the work before had ended into data. It
// returns nil for another sentence.
func endingOf(word string) *engine.Ending {
	if process, ok := strings.CutPrefix(word, "it was stopped by "); ok {
		return &engine.Ending{Kind: engine.EndedByPerson, Process: process}
	}
	if reason, ok := strings.CutPrefix(word, "it was "+quarantined); ok {
		return &engine.Ending{Kind: engine.EndedByTrouble, Reason: reason}
	}
	if word == "this process had given it up, since the journal failed" {
		return &engine.Ending{Kind: engine.EndedByJournal}
	}
	process, ok := strings.CutSuffix(word, " had ended in the middle of it")
	if !ok { // version 1 writes no other sentence
		return nil
	}
	if process == "the process that had it" {
		process = ""
	}
	return &engine.Ending{Kind: engine.EndedByCrash, Process: process}
}

// between returns the text between a prefix and a suffix.
func between(text, prefix, suffix string) (string, bool) {
	text, begins := strings.CutPrefix(text, prefix)
	text, ends := strings.CutSuffix(text, suffix)
	return text, begins && ends
}
