package ism

import (
	"context"
	"encoding/json"
	"net/http"

	"errand/engine/task"
)

type updateAssetInput struct {
	Identifier string `json:"identifier" title:"Identifier" required:"true" doc:"The asset's identifier outside ISM, such as the identifier of an EC2 instance."`
	Status     string `json:"status" title:"Status" doc:"The new status, such as Inactive or Active, as the site names it."`
	assetAttributes
}

type updateAssetOutput struct {
	AssetID    string  `json:"asset_id" title:"Asset ID" doc:"ISM's id of the asset, or the identifier if ISM returns no id."`
	Status     *string `json:"status" title:"Status" doc:"The status of the asset after the operation, or null if ISM does not show it."`
	identifier string
	sent       string // the status that was sent; may be empty
}

// Summary names the asset. It says so if ISM shows another status than the one that was sent.
func (o updateAssetOutput) Summary() string {
	message := "asset " + o.identifier + " was updated"
	if o.sent != "" && o.Status != nil && !isStatus(*o.Status, o.sent) {
		message += "; ISM still shows its status as " + *o.Status
	}
	return message
}

// updateAsset changes the given attributes. If the outcome is unknown, the asset is read before the
// request is sent again.
func updateAsset(s *system) task.Type {
	return task.Define("ism.update_asset", "Changes the status or the attributes of an asset. Attributes that are not given stay as they are.", task.Converges,
		func(ctx context.Context, call task.Call, in updateAssetInput) (out updateAssetOutput, err error) {
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			body := in.body(in.Identifier, in.Status)
			if call.Recover {
				switch found, err := session.asset(ctx, in.Identifier); {
				case err != nil:
					return out, task.AsUnknown(err)
				case found.has(body):
					return in.output(found), nil
				}
			}
			data, err := session.send(ctx, http.MethodPut, session.paths.Asset, body)
			if err != nil {
				err = session.explainNotFound(ctx, in.Identifier, err)
				if call.Recover {
					err = task.AsUnknown(err)
				}
				return out, err
			}
			now, err := session.assetAfter(ctx, in, data)
			return in.output(now), err
		}).WithChange(task.Change{Verb: task.Changes, What: "asset {identifier}", Done: "updated"}, readAssets, changeAssets).WithRules(identifierRule, assetTexts,
		task.AnyOf("there is nothing to set", settable...),
		task.Judged("attributes has an attribute that is not null, unless another parameter sets something.", updateAssetInput.checkAttributes, settable...),
	)
}

// settable are the parameters that set something.
var settable = []string{
	"status", "name", "class", "category", "type", "item", "description", "owner", "function", "location", "organization", "site",
	"environment", "ip_address", "attributes",
}

func (in updateAssetInput) checkAttributes() *task.Breach {
	if len(in.Attributes) > 0 && len(in.body("", in.Status)) == 0 {
		return badInput("attributes", "contains nothing to set")
	}
	return nil
}

// assetAfter returns the asset after ISM accepted a change of it, as the answer to the change shows
// it, or, if that does not show the status that was sent, as a look shows it. If both the answer
// and the look show another status, the outcome is unknown. If the answer shows none, a look with
// another status proves nothing, because lists lag.
func (s *session) assetAfter(ctx context.Context, in updateAssetInput, answer json.RawMessage) (asset, error) {
	now, err := written(in.Identifier, answer)
	if err != nil || in.Status == "" || isStatus(string(now[attributeStatus]), in.Status) {
		return now, err
	}
	answered := now[attributeStatus] != ""
	found, err := s.asset(ctx, in.Identifier)
	switch {
	case err != nil:
		return nil, notShown("the change of the asset", err)
	case found != nil: // a list may leave out an asset that is not active any more
		now = found
	}
	if shown := string(now[attributeStatus]); answered && shown != "" && !isStatus(shown, in.Status) {
		return nil, notMade("the asset "+in.Identifier, shown, in.Status)
	}
	return now, nil
}

func (in updateAssetInput) output(now asset) updateAssetOutput {
	return updateAssetOutput{now.id(in.Identifier), now[attributeStatus].orNull(), in.Identifier, in.Status}
}

// has reports whether an asset was found that has all of these attributes.
func (a asset) has(attributes map[string]string) bool {
	for name, value := range attributes {
		if !isStoredOrCutAs(value, string(a[name])) && (name != attributeStatus || !isStatus(string(a[name]), value)) {
			return false
		}
	}
	return a != nil
}
