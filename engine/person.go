package engine

// A Person is somebody who asks for a run or decides about one. The zero Person is nobody.
type Person struct {
	Name      string   `json:"name"`
	EnteredBy string   `json:"entered_by,omitempty"` // who entered the decision for the person; "" if the person did
	Groups    []string `json:"-"`                    // the groups that the person belongs to
}

// String names the person, and who entered the decision for the person.
func (p Person) String() string {
	if p.EnteredBy == "" {
		return p.Name
	}
	return p.Name + " (entered by " + p.EnteredBy + ")"
}
