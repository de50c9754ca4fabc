package ism

import (
	"cmp"
	"context"
	"net/http"

	"errand/engine/schema"
	"errand/engine/task"
)

type updateAssetInput struct {
	Identifier string `json:"identifier" title:"Identifier" required:"true" doc:"The asset's identifier outside ISM, such as the identifier of an EC2 instance."`
	Status     string `json:"status" title:"Status" doc:"The new status, such as Inactive or Active, as the site names it."`
	assetAttributes
}

type updateAssetOutput struct {
	AssetID    string  `json:"asset_id" title:"Asset ID" doc:"ISM's id of the asset, or the identifier if ISM returns no id."`
	Status     *string `json:"status" title:"Status" doc:"The status of the asset after the operation, or null if it was not set and ISM does not return it."`
	identifier string
}

// Summary names the asset.
func (o updateAssetOutput) Summary() string { return "asset " + o.identifier + " was updated" }

// updateAsset changes the given attributes. If the outcome is unknown, the asset is read before the
// request is sent again.
func updateAsset(s *system) task.Type {
	return task.Define("ism.update_asset", "Changes the status or the attributes of an asset. Attributes that are not given stay as they are.", task.Converges,
		func(ctx context.Context, call task.Call, in updateAssetInput) (out updateAssetOutput, err error) {
			if err := checkIdentifier(in.Identifier); err != nil {
				return out, err
			}
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			body := in.body(in.Identifier, in.Status)
			if call.Recover {
				switch found, err := session.asset(ctx, in.Identifier); {
				case err != nil:
					return out, task.AsUnknown(err)
				case found == nil:
					return out, task.AsUnknown(&task.Failure{Code: codeNotFound, Message: "there is no asset with the identifier " + schema.Show(in.Identifier), Status: http.StatusNotFound})
				case found.has(body):
					return in.output(found), nil
				}
			}
			data, err := session.send(ctx, http.MethodPut, session.paths.Asset, body)
			if err != nil {
				return out, session.explainNotFound(ctx, in.Identifier, err)
			}
			return in.output(assetOf(data)), nil
		}).WithChange(task.Change{Verb: task.Changes, What: "asset {identifier}", Done: "updated"}, readAssets, changeAssets)
}

func (in updateAssetInput) output(now asset) updateAssetOutput {
	return updateAssetOutput{now.id(in.Identifier), cmp.Or(now[attributeStatus], text(in.Status)).orNull(), in.Identifier}
}

// has reports whether an asset has all of these attributes.
func (a asset) has(attributes map[string]string) bool {
	for name, value := range attributes {
		if string(a[name]) != value {
			return false
		}
	}
	return true
}
