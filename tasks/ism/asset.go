package ism

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"

	"errand/engine/schema"
	"errand/engine/task"
)

// ISM's names of a configuration item's attributes. The vendor documents them for SOAP; that REST has the same is assumed.
const (
	attributeIdentifier = "ConfigurationItemIdentifier"
	attributeStatus     = "Status"
)

// assetAttributes are the parameters that creating and updating an asset share.
type assetAttributes struct {
	Name         string         `json:"name" title:"Name" doc:"The asset's name."`
	Class        string         `json:"class" title:"Class" doc:"The asset's class, such as Virtual Machine."`
	Description  string         `json:"description" title:"Description" doc:"What the asset is."`
	Owner        string         `json:"owner" title:"Owner" doc:"Who owns it."`
	Function     string         `json:"function" title:"Function" doc:"What it is for."`
	Location     string         `json:"location" title:"Location" doc:"Where it is."`
	Organization string         `json:"organization" title:"Organization" doc:"The organization that it belongs to."`
	Site         string         `json:"site" title:"Site" doc:"The site that it belongs to."`
	Environment  string         `json:"environment" title:"Environment" doc:"The environment, such as Production."`
	IPAddress    string         `json:"ip_address" title:"IP Address" doc:"Its IP address."`
	Attributes   map[string]any `json:"attributes" title:"Attributes" doc:"Further attributes by ISM's own names, such as {\"Make\": \"AWS\"}. A null is left out."`
}

// body is the asset as it is sent: texts only, and none that is empty.
func (a assetAttributes) body(identifier, status string) map[string]string {
	body := map[string]string{
		attributeIdentifier: identifier, attributeStatus: status, "Name": a.Name, "Class": a.Class, "Description": a.Description, "Owner": a.Owner,
		"Function": a.Function, "Location": a.Location, "Organization": a.Organization, "Site": a.Site, "Environment": a.Environment,
		"IP Address": a.IPAddress,
	}
	for name, value := range a.Attributes {
		switch v := value.(type) {
		case nil:
		case string:
			body[name] = v
		default:
			data, _ := json.Marshal(v) // it was JSON
			body[name] = string(data)
		}
	}
	maps.DeleteFunc(body, func(_, value string) bool { return value == "" })
	return body
}

// An asset is a configuration item as ISM shows it.
type asset map[string]text

// id is ISM's id of the row. The name is that of the tickets' relations; the others are assumed. Where ISM does not tell, it is
// the identifier.
func (a asset) id(identifier string) string {
	return string(cmp.Or(a["CIID"], a["ConfigurationItemID"], a["ConfigurationItemId"], a["ID"], text(identifier)))
}

// isAnother tells whether an asset bears another name.
func (a asset) hasOtherName(name string) bool {
	return name != "" && a["Name"] != "" && string(a["Name"]) != name
}

// asset looks an asset up by its identifier; it is nil where there is none.
func (s *session) asset(ctx context.Context, identifier string) (asset, error) {
	data, err := s.read(ctx, s.paths.Asset, url.Values{"filter": {equals(attributeIdentifier, identifier)}, "$format": {"json"}})
	if hasStatus(err, http.StatusNotFound) {
		return nil, noAssets()
	}
	if err != nil {
		return nil, err
	}
	for _, item := range items(data) {
		if found := assetOf(item); string(found[attributeIdentifier]) == identifier {
			return found, nil
		}
	}
	return nil, nil
}

func assetOf(data json.RawMessage) asset {
	var a asset
	_ = json.Unmarshal(data, &a) // what is no object says nothing of the asset
	return a
}

// missing says what a 404 to a write means: an edition without assets, an asset that is not there, or what ISM says it is.
func (s *session) explainNotFound(ctx context.Context, identifier string, err error) error {
	if !hasStatus(err, http.StatusNotFound) {
		return err
	}
	found, look := s.asset(ctx, identifier)
	if f, ok := errors.AsType[*task.Failure](look); ok && f.Code == codeEdition {
		return f
	}
	if look == nil && found == nil {
		return &task.Failure{Code: codeNotFound, Message: "there is no asset with the identifier " + schema.Show(identifier), Status: http.StatusNotFound}
	}
	return err
}

func noAssets() *task.Failure {
	return &task.Failure{
		Code: codeEdition, Status: http.StatusNotFound,
		Message: "ISM has no assets here: they come with its Service Management edition only, not with the Service Desk edition; where the edition is right, the path of assets may differ at this site (see the credential's paths)",
	}
}

func checkIdentifier(identifier string) error {
	if identifier == "" {
		return badInput("identifier", "names no asset")
	}
	return nil
}
