package ism

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"

	"errand/engine/schema"
	"errand/engine/task"
)

// ISM's names of a configuration item's attributes. The vendor documents them for SOAP. It is
// assumed that REST uses the same names.
const (
	attributeIdentifier = "ConfigurationItemIdentifier"
	attributeStatus     = "Status"
)

// assetAttributes are the parameters for both creating and updating an asset.
type assetAttributes struct {
	Name         string         `json:"name" title:"Name" doc:"The asset's name."`
	Class        string         `json:"class" title:"Class" doc:"The asset's class, such as Virtual Machine."`
	Category     string         `json:"category" title:"Category" doc:"The asset's category within its class, as the site defines it."`
	Type         string         `json:"type" title:"Type" doc:"The asset's type within its category, as the site defines it."`
	Item         string         `json:"item" title:"Item" doc:"The asset's item within its type, as the site defines it."`
	Description  string         `json:"description" title:"Description" doc:"A description of the asset."`
	Owner        string         `json:"owner" title:"Owner" doc:"The owner of the asset."`
	Function     string         `json:"function" title:"Function" doc:"The purpose of the asset."`
	Location     string         `json:"location" title:"Location" doc:"Where the asset is."`
	Organization string         `json:"organization" title:"Organization" doc:"The organization that the asset belongs to."`
	Site         string         `json:"site" title:"Site" doc:"The site that the asset belongs to."`
	Environment  string         `json:"environment" title:"Environment" doc:"The environment, such as Production."`
	IPAddress    string         `json:"ip_address" title:"IP Address" doc:"The IP address of the asset."`
	Attributes   map[string]any `json:"attributes" title:"Attributes" doc:"Further attributes under ISM's names, such as {\"Make\": \"AWS\"}. Attributes that are null are not sent."`
}

// assetTexts limits the texts of an asset.
var assetTexts = task.AtMost(task.TextLimit, "name", "description", "function", "location")

// body returns the asset in the form that is sent: all values are texts, and none is empty.
func (a assetAttributes) body(identifier, status string) map[string]string {
	body := map[string]string{
		attributeIdentifier: identifier, attributeStatus: status, "Name": a.Name, "Class": a.Class, "Category": a.Category, "Type": a.Type, "Item": a.Item, "Description": a.Description, "Owner": a.Owner,
		"Function": a.Function, "Location": a.Location, "Organization": a.Organization, "Site": a.Site, "Environment": a.Environment,
		"IP Address": a.IPAddress,
	}
	for name, value := range a.Attributes {
		switch v := value.(type) {
		case nil:
		case string:
			body[name] = v
		default:
			data, _ := json.Marshal(v) // cannot fail: the value was decoded from JSON
			body[name] = string(data)
		}
	}
	maps.DeleteFunc(body, func(_, value string) bool { return value == "" })
	return body
}

// An asset is a configuration item as ISM returns it.
type asset map[string]text

// id returns ISM's id of the asset, or the identifier if the answer has no id. Relations of tickets
// use the name CIID; the other names are assumed.
func (a asset) id(identifier string) string {
	return string(cmp.Or(a["CIID"], a["ConfigurationItemID"], a["ConfigurationItemId"], a["ID"], text(identifier)))
}

// hasOtherName reports whether an asset has another name than the given one.
func (a asset) hasOtherName(name string) bool {
	return name != "" && a["Name"] != "" && !isStoredOrCutAs(name, string(a["Name"]))
}

// asset returns the asset with an identifier, or nil if there is none.
func (s *session) asset(ctx context.Context, identifier string) (asset, error) {
	found, _, err := s.assetRow(ctx, identifier)
	return found, err
}

// assetRow is asset, and also returns the asset as ISM sends it.
func (s *session) assetRow(ctx context.Context, identifier string) (found asset, sent json.RawMessage, err error) {
	_, err = s.search(ctx, s.paths.Asset, equals(attributeIdentifier, identifier), func(row json.RawMessage) bool {
		item := assetOf(row)
		if !isStoredAs(identifier, string(item[attributeIdentifier])) {
			return false
		}
		found, sent = item, row
		return true
	})
	if hasStatus(err, http.StatusNotFound) {
		return nil, nil, noAssets()
	}
	return found, sent, err
}

// assetOf returns the asset in an answer. If the answer does not contain one, it is empty.
func assetOf(data json.RawMessage) asset {
	for _, item := range items(data) {
		var a asset
		if json.Unmarshal(item, &a) == nil {
			return a
		}
	}
	return nil
}

// written returns the asset in the answer to a write, which may be empty. An answer about another
// asset cannot be used.
func written(identifier string, data json.RawMessage) (asset, error) {
	now := assetOf(data)
	if other := now[attributeIdentifier]; other != "" && !isStoredAs(identifier, string(other)) {
		return nil, unreadableAnswer(http.StatusOK, "it is about the asset "+schema.Show(string(other))+", not "+schema.Show(identifier))
	}
	return now, nil
}

// explainNotFound returns the reason for a status 404 of a write: the edition has no assets, or the
// asset does not exist. Otherwise it returns the error unchanged.
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

// noAssets returns the failure for a site without assets.
func noAssets() *task.Failure {
	f := &task.Failure{
		Code: codeEdition, Status: http.StatusNotFound,
		Message: "ISM has no assets here: only its Service Management edition has them, not the Service Desk edition",
	}
	return f.Advised("if the edition is right, the path of assets may differ at this site: see paths in the credential")
}

// identifierRule is the rule for an asset's identifier.
var identifierRule = task.Form("an identifier that is not empty", `\S`, "identifier")
