package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The attributes of a configuration item that the sandbox looks at. The vendor documents what they are for SOAP; their
// names here are assumed.
const (
	assetIdentifier = "ConfigurationItemIdentifier"
	assetName       = "Name"
	assetClass      = "Class"
	assetStatus     = "Status"
	assetRow        = "CIID" // the row id, which the service gives
)

// defaultRelationship is what an asset is to a ticket unless the request says otherwise: assumed.
const defaultRelationship = "Affected"

// assetAttributes are the keys of a world's asset, with the attribute each stands for.
var assetAttributes = []struct{ key, attribute string }{
	{"category", "Category"}, {"class", assetClass}, {"description", "Description"}, {"environment", "Environment"},
	{"function", "Function"}, {"identifier", assetIdentifier}, {"ip_address", "IP Address"}, {"item", "Item"},
	{"location", "Location"}, {"name", assetName}, {"organization", "Organization"}, {"owner", "Owner"}, {"site", "Site"},
	{"status", assetStatus}, {"type", "Type"},
}

// An asset is a configuration item. Attributes beyond the known ones are free: a site defines its own.
type asset struct {
	row        string
	attributes map[string]string
}

// A relation is an asset's to a ticket.
type relation struct {
	asset *asset
	kind  string
}

func (a *asset) shown() map[string]any {
	all := map[string]any{assetRow: a.row}
	for name, value := range a.attributes {
		all[name] = value
	}
	return all
}

func (a *asset) brief() any {
	return struct {
		Identifier string `json:"ConfigurationItemIdentifier"`
		Status     string `json:"Status"`
	}{a.attributes[assetIdentifier], a.attributes[assetStatus]}
}

// shown returns what stands in the ticket's HasConfigurationItem.results. It has the row id and the name of the asset, and
// not its identifier.
func (r relation) shown() map[string]any {
	name := cmp.Or(r.asset.attributes[assetName], r.asset.attributes[assetIdentifier])
	return map[string]any{
		"CIID": r.asset.row, "CIName": name, "ConfigStatus": r.asset.attributes[assetStatus],
		"RelationshipType": r.kind, "RelationType": "Ticket", "RelationDomain": "ConfigurationItem",
	}
}

func (d *desk) asset(identifier string) *asset {
	for _, a := range d.assets {
		if a.attributes[assetIdentifier] == identifier {
			return a
		}
	}
	return nil
}

func (d *desk) listAssets(q ismRequest) result {
	var rows []map[string]any
	for _, a := range d.assets {
		rows = append(rows, a.shown())
	}
	return answerList(q.query, rows)
}

// postAsset creates an asset, which is Active unless said otherwise. Its identifier must be new; that a second one is refused
// is assumed, that a row id may not be given is documented.
func (d *desk) postAsset(q ismRequest) result {
	given, problem := readAsset(q.fields)
	if problem != "" {
		return failed(http.StatusBadRequest, "%s", problem)
	}
	identifier := given[assetIdentifier]
	if d.asset(identifier) != nil {
		return failed(http.StatusBadRequest, "a configuration item with the identifier %s already exists", identifier)
	}
	given[assetStatus] = cmp.Or(given[assetStatus], "Active")
	a := &asset{row: d.row(), attributes: given}
	d.assets = append(d.assets, a)
	return created(a.shown(), a.brief())
}

// putAsset changes the attributes that are given of the asset with that identifier. Any status will do: which there are, a
// site defines.
func (d *desk) putAsset(q ismRequest) result {
	given, problem := readAsset(q.fields)
	if problem != "" {
		return failed(http.StatusBadRequest, "%s", problem)
	}
	a := d.asset(given[assetIdentifier])
	if a == nil {
		return noAsset(given[assetIdentifier])
	}
	maps.Copy(a.attributes, given)
	return done(a.shown(), a.brief())
}

// relateAsset relates an asset to a ticket. The same relation again changes nothing: assumed.
func (d *desk) relateAsset(q ismRequest) result {
	if problem := checkFields(q.fields, []string{assetIdentifier, "RelationshipType"}, []string{assetIdentifier}); problem != "" {
		return failed(http.StatusBadRequest, "%s", problem)
	}
	t, a := d.ticket(q.id), d.asset(text(q.fields[assetIdentifier]))
	switch {
	case t == nil:
		return noTicket(q.id)
	case a == nil:
		return noAsset(text(q.fields[assetIdentifier]))
	}
	r := relation{a, cmp.Or(text(q.fields["RelationshipType"]), defaultRelationship)}
	if !slices.Contains(t.relations, r) {
		t.relations = append(t.relations, r)
		t.modified = d.now
	}
	return created("Success", nil)
}

func noAsset(identifier string) result {
	return failed(http.StatusNotFound, "there is no configuration item %s", identifier)
}

// readAsset reads the attributes of a body, all text, the identifier among them and no row id.
func readAsset(fields map[string]any) (map[string]string, string) {
	given := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch {
		case strings.EqualFold(name, assetRow) || strings.EqualFold(name, "RowID"):
			return nil, fmt.Sprintf("%s is given by the service", name)
		case !isText(fields[name]):
			return nil, fmt.Sprintf("the attribute %s must be text", name)
		}
		given[name] = text(fields[name])
	}
	if given[assetIdentifier] == "" {
		return nil, "the attribute " + assetIdentifier + " is required"
	}
	return given, ""
}
