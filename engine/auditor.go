package engine

// An Auditor is a Starter with an audit log: Accept puts Order.Audit on record in one step with the run.
// Whoever keeps an audit log for another Starter appends the entry before the order, because
// a start must be on record.
type Auditor interface {
	// Audits has no effect.
	Audits()
}
