package ism

import (
	"cmp"
	"context"
	"net/http"

	"errand/engine/schema"
	"errand/engine/task"
)

type updateAssetInput struct {
	Identifier string `json:"identifier" title:"Identifier" required:"true" doc:"The asset's identifier outside ISM, such as an instance's."`
	Status     string `json:"status" title:"Status" doc:"The status to set, such as Inactive or Active, as the site writes it."`
	assetAttributes
}

type updateAssetOutput struct {
	AssetID    string  `json:"asset_id" title:"Asset ID" doc:"ISM's id of the asset, or the identifier where ISM does not tell."`
	Status     *string `json:"status" title:"Status" doc:"The asset's status now; null where it was not set and ISM does not tell."`
	identifier string
}

// Summary names the asset.
func (o updateAssetOutput) Summary() string { return "asset " + o.identifier + " was updated" }

// updateAsset changes the attributes that are given. Where the outcome is not known, the asset is read before it is sent again.
func updateAsset(s *system) task.Type {
	return task.Define("ism.update_asset", "Changes an asset's status or attributes. What is not given stays as it is.", task.Converges,
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
					return out, asUnknown(err)
				case found == nil:
					return out, asUnknown(&task.Failure{Code: codeNotFound, Message: "there is no asset with the identifier " + schema.Show(in.Identifier), Status: http.StatusNotFound})
				case found.has(body):
					return in.output(found), nil
				}
			}
			data, err := session.send(ctx, http.MethodPut, session.paths.Asset, body)
			if err != nil {
				return out, session.explainNotFound(ctx, in.Identifier, err)
			}
			return in.output(assetOf(data)), nil
		}).Acts(task.Change{Verb: task.Changes, What: "asset {identifier}", Done: "updated"}, readAssets, changeAssets)
}

func (in updateAssetInput) output(now asset) updateAssetOutput {
	return updateAssetOutput{now.id(in.Identifier), cmp.Or(now[attributeStatus], text(in.Status)).orNull(), in.Identifier}
}

// has tells whether an asset has every attribute that was to be set.
func (a asset) has(attributes map[string]string) bool {
	for name, value := range attributes {
		if string(a[name]) != value {
			return false
		}
	}
	return true
}
