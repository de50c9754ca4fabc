package engine

import (
	"maps"
	"slices"
	"strings"

	"errand/engine/program"
)

// A RetryPlan is what a retry keeps of an ended run. Each branch that goes on is cut: at the step
// from which it goes on, or at a fork one of whose branches goes on. The retry keeps everything
// before the cuts, and the branches that succeeded.
type RetryPlan struct {
	From   string              // the step that the retry is about, for people
	Cuts   map[string]Position // by branch; a branch without a cut is kept as a whole if its fork is
	Undone []string            // steps that were undone: they are done again, with another key

	// Done are the steps that succeeded, come after a step that was undone and were not undone
	// themselves. They are not done again if their request is the same.
	Done []string

	Steps []string // those that a retry of the run can go on from

	kept map[string]bool // by step
}

// A RetryPreview says what a retry keeps of a run, by steps.
type RetryPreview struct {
	From   string   // the step from which it goes on, for people
	Keeps  []string // what succeeded or was skipped, and is not done again
	Again  []string // what is done again; what follows is done for the first time
	Undone []string // of Again: what was undone, and is done again with another key
	Done   []string // what comes after a step that was undone: it is not done again if its request is the same
	Steps  []string // those that a retry of the run can go on from
}

// Preview returns what the plan comes to for the steps that a run has reached.
func (p *RetryPlan) Preview(r Result) RetryPreview {
	v := RetryPreview{From: p.From, Undone: p.Undone, Done: p.Done, Steps: p.Steps}
	for _, step := range r.Steps {
		switch {
		case p.keepsStep(step.ID):
			v.Keeps = append(v.Keeps, step.ID)
		case !slices.Contains(p.Done, step.ID):
			v.Again = append(v.Again, step.ID)
		}
	}
	return v
}

// Keeps reports whether the plan keeps the answer with an index, counted from 0, in a branch.
func (p *RetryPlan) Keeps(branch string, index int) bool {
	if cut, ok := p.Cuts[branch]; ok && index >= cut.Used {
		return false
	}
	return p.reaches(branch)
}

// keepsStep reports whether the plan keeps a step.
func (p *RetryPlan) keepsStep(step string) bool { return p.kept[step] }

// Continued returns the branches beside the main steps that go on from a cut, in their order.
func (p *RetryPlan) Continued() []Position {
	var marks []Position
	for branch, cut := range p.Cuts {
		if branch != "" {
			marks = append(marks, cut)
		}
	}
	slices.SortFunc(marks, func(a, b Position) int { return strings.Compare(a.Branch, b.Branch) })
	return marks
}

// reaches reports whether the plan keeps the forks that lead to a branch.
func (p *RetryPlan) reaches(branch string) bool {
	for {
		parent, fork, ok := parentOf(branch)
		if !ok {
			return true
		}
		if cut, is := p.Cuts[parent]; is && fork >= cut.Forks {
			return false
		}
		branch = parent
	}
}

// before reports whether a position is before the cuts.
func (p *RetryPlan) before(at Position) bool {
	cut, is := p.Cuts[at.Branch]
	return (!is || at.Told < cut.Told) && p.reaches(at.Branch)
}

// holds reports whether a position is before the cuts or at one of them.
func (p *RetryPlan) holds(at Position) bool {
	cut, is := p.Cuts[at.Branch]
	return (!is || at.Told <= cut.Told) && p.reaches(at.Branch)
}

// PlanRetry plans the retry of a run. Without a step to go on from, it goes on from the steps that
// failed or were cancelled. pinned is the definition of the run, moments are those of the run. The
// refusal names the steps that a retry can go on from.
func (c *Course) PlanRetry(r Result, retry Retry, pinned *program.Program, moments []Moment) (*RetryPlan, *Refusal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	from := retry.From
	p := &RetryPlan{Cuts: map[string]Position{}}
	c.stopRun(p, r)
	steps := c.heldBy(p, r)
	wanted := from
	if wanted == "" && r.Failure != nil {
		wanted = r.Failure.Step
	}
	p.Steps = steps
	if from != "" && !slices.Contains(steps, from) || len(p.Cuts) == 0 && from == "" {
		return nil, &Refusal{Code: RefusedStep, Run: r.Run, Step: wanted, Steps: steps}
	}
	if failsAgain(retry, pinned, wanted) {
		earlier := slices.DeleteFunc(steps, func(step string) bool { return step == wanted })
		return nil, &Refusal{Code: RefusedFail, Run: r.Run, Step: wanted, Steps: earlier}
	}
	if from != "" {
		c.cut(p, c.begins[from])
		c.stopForks(p)
	}
	before := &RetryPlan{Cuts: maps.Clone(p.Cuts)}
	acted := effectsOf(moments)
	c.cutUndone(p, acted)
	c.stopForks(p)
	p.From = c.shownFrom(p, wanted, r)
	p.kept = map[string]bool{}
	for _, step := range r.Steps {
		at, known := c.begins[step.ID]
		if p.kept[step.ID] = known && p.before(at); p.kept[step.ID] {
			continue
		}
		again := from != "" && (step.ID == from || !before.holds(at))
		if t := acted[step.ID]; !again && step.Status == StepSucceeded && t.happened && !t.open && !slices.Contains(p.Undone, step.ID) {
			p.Done = append(p.Done, step.ID)
		}
	}
	return p, nil
}

// stopRun cuts the branches where the run stopped.
func (c *Course) stopRun(p *RetryPlan, r Result) {
	if r.Failure != nil {
		c.cutFailed(p, r.Failure.Step)
	}
	if w := c.branch(""); w.stopped {
		c.cut(p, w.cancelled)
	}
	c.stopInside(p, "")
}

// stopForks cuts the branches that did not succeed of all forks at which branches are cut: a branch
// that was cancelled would cancel the others again.
func (c *Course) stopForks(p *RetryPlan) {
	for _, branch := range slices.Sorted(maps.Keys(p.Cuts)) {
		c.stopInside(p, branch)
	}
}

// stopInside cuts the branches that did not succeed of the fork at which a branch is cut.
func (c *Course) stopInside(p *RetryPlan, branch string) {
	cut, is := p.Cuts[branch]
	forks := c.branch(branch).forks
	if !is || cut.Forks == 0 || forks[cut.Forks-1].Told != cut.Told {
		return // nothing is cut here, or the cut is at a step
	}
	for i := range forks[cut.Forks-1].n {
		path := BranchPath(branch, cut.Forks-1, i)
		w := c.branch(path)
		s, stopped := stopOf(w.end)
		switch {
		case !stopped:
			continue
		case s.fail && c.cutFailed(p, s.step):
		case w.stopped:
			c.cut(p, w.cancelled)
		default:
			c.cut(p, Position{Branch: path})
		}
		c.stopInside(p, path)
	}
}

// cutFailed cuts at a step that failed. It returns false if there is no such step.
func (c *Course) cutFailed(p *RetryPlan, step string) bool {
	at, known := c.begins[step]
	if !known {
		at, known = c.begins[c.causes[step]]
	}
	if known {
		c.cut(p, at)
	}
	return known
}

// cut cuts a branch at a position, and those that lead to it at their forks. The earliest cut of a
// branch counts.
func (c *Course) cut(p *RetryPlan, at Position) {
	for {
		if before, is := p.Cuts[at.Branch]; !is || at.Told < before.Told {
			p.Cuts[at.Branch] = at
		}
		parent, fork, ok := parentOf(at.Branch)
		if !ok {
			break
		}
		at = c.branch(parent).forks[fork].Position
	}
	maps.DeleteFunc(p.Cuts, func(branch string, _ Position) bool { return !p.reaches(branch) })
}

// cutUndone cuts at the steps that were undone after the cuts. What was undone before them belongs
// to a failure that the run got over.
func (c *Course) cutUndone(p *RetryPlan, acted map[string]trace) {
	for again := true; again; {
		again = false
		for _, u := range c.undoings {
			if p.before(u.from) || slices.Contains(p.Undone, u.step) || !c.undid(u, acted) {
				continue
			}
			again = true
			p.Undone = append(p.Undone, u.step)
			if at := c.begins[u.step]; p.holds(at) {
				c.cut(p, at)
			}
		}
	}
}

// undid reports whether an undo changed something, or may have. A step whose undo was refused stays
// as it is.
func (c *Course) undid(u undoing, acted map[string]trace) bool {
	for step, t := range acted {
		if t.sent && (t.happened || t.open) && c.within(u, c.begins[step]) {
			return true
		}
	}
	return false
}

// within reports whether a position belongs to an undo.
func (c *Course) within(u undoing, at Position) bool {
	if at.Branch == u.from.Branch {
		return at.Told >= u.from.Told && (u.to == Position{} || at.Told < u.to.Told)
	}
	for branch := at.Branch; ; {
		parent, fork, ok := parentOf(branch)
		if !ok {
			return false
		}
		if parent == u.from.Branch {
			return fork >= u.from.Forks && (u.to == Position{} || fork < u.to.Forks)
		}
		branch = parent
	}
}

// heldBy returns the steps that a plan keeps, and those that it goes on from.
func (c *Course) heldBy(p *RetryPlan, r Result) []string {
	var steps []string
	for _, step := range r.Steps {
		if at, known := c.begins[step.ID]; known && p.holds(at) {
			steps = append(steps, step.ID)
		}
	}
	return steps
}

// shownFrom returns the step that a retry is said to go on from: the one that is wanted, or if the
// run goes on from an earlier one, the first of those.
func (c *Course) shownFrom(p *RetryPlan, wanted string, r Result) string {
	if at, known := c.begins[wanted]; known && p.holds(at) {
		return wanted
	}
	for _, step := range r.Steps {
		at, known := c.begins[step.ID]
		if cut, is := p.Cuts[at.Branch]; known && is && p.holds(at) && at.Told == cut.Told {
			return step.ID
		}
	}
	return wanted
}
