package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The attributes of a configuration item that the sandbox uses. The vendor documents them for SOAP;
// their names in REST are assumed.
const (
	assetIdentifier = "ConfigurationItemIdentifier"
	assetName       = "Name"
	assetClass      = "Class"
	assetStatus     = "Status"
	assetRow        = "CIID" // the row id, which the service assigns
)

// defaultRelationship is the type of a relation if the request does not name one: assumed.
const defaultRelationship = "Affected"

// assetAttributes maps the keys of a world's asset to attributes, in the order of the keys.
var assetAttributes = []struct{ key, attribute string }{
	{"category", "Category"}, {"class", assetClass}, {"description", "Description"}, {"environment", "Environment"},
	{"function", "Function"}, {"identifier", assetIdentifier}, {"ip_address", "IP Address"}, {"item", "Item"},
	{"location", "Location"}, {"name", assetName}, {"organization", "Organization"}, {"owner", "Owner"}, {"site", "Site"},
	{"status", assetStatus}, {"type", "Type"},
}

// An asset is a configuration item. A site can define more attributes, so all names are allowed.
type asset struct {
	row        string
	attributes map[string]string
}

// A relation is the relation of a ticket to an asset.
type relation struct {
	asset *asset
	kind  string
}

func (a *asset) fields() map[string]any {
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

// fields returns an element of the ticket's HasConfigurationItem.results. It has the row id and the
// name of the asset, but not its identifier.
func (r relation) fields() map[string]any {
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
		if !d.unlisted || a.attributes[assetStatus] == "Active" {
			rows = append(rows, a.fields())
		}
	}
	return answerList(q.query, rows, nil)
}

// postAsset creates an asset. Its status is Active unless the request sets one. Its identifier must
// be new: assumed. A row id must not be given: documented.
func (d *desk) postAsset(q ismRequest) result {
	given, problem := readAsset(q.fields)
	if problem != "" {
		return errorResult(http.StatusBadRequest, "%s", problem)
	}
	identifier := given[assetIdentifier]
	if d.asset(identifier) != nil {
		return errorResult(http.StatusBadRequest, "a configuration item with the identifier %s already exists", identifier)
	}
	given[assetStatus] = cmp.Or(given[assetStatus], "Active")
	a := &asset{row: d.row(), attributes: given}
	d.assets = append(d.assets, a)
	return createdResult(a.fields(), a.brief())
}

// putAsset changes the given attributes of the asset with this identifier. It accepts any status,
// because a site defines its statuses.
func (d *desk) putAsset(q ismRequest) result {
	given, problem := readAsset(q.fields)
	if problem != "" {
		return errorResult(http.StatusBadRequest, "%s", problem)
	}
	a := d.asset(given[assetIdentifier])
	if a == nil {
		return noAsset(given[assetIdentifier])
	}
	maps.Copy(a.attributes, given)
	return okResult(a.fields(), a.brief())
}

// relateAsset relates an asset to a ticket. Assumed: the same relation again changes nothing.
func (d *desk) relateAsset(q ismRequest) result {
	if problem := checkFields(q.fields, []string{assetIdentifier, "RelationshipType"}, []string{assetIdentifier}); problem != "" {
		return errorResult(http.StatusBadRequest, "%s", problem)
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
	return createdResult("Success", nil)
}

func noAsset(identifier string) result {
	return errorResult(http.StatusNotFound, "there is no configuration item %s", identifier)
}

// readAsset reads the attributes of a body and returns a problem, or "". All must be text, the
// identifier is required, and a row id is not allowed.
func readAsset(fields map[string]any) (map[string]string, string) {
	given := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch {
		case strings.EqualFold(name, assetRow) || strings.EqualFold(name, "RowID"):
			return nil, fmt.Sprintf("%s is assigned by the service", name)
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
