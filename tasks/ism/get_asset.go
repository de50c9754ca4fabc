package ism

import (
	"context"
	"encoding/json"

	"errand/engine/task"
)

type getAssetInput struct {
	Identifier string `json:"identifier" title:"Identifier" required:"true" doc:"The asset's identifier outside ISM, such as the identifier of an EC2 instance."`
}

type getAssetOutput struct {
	Found      bool                       `json:"found" title:"Found" doc:"Whether ISM has such an asset. It may list active assets only."`
	AssetID    *string                    `json:"asset_id" title:"Asset ID" doc:"ISM's id of the asset, or the identifier if ISM returns no id; null if there is none."`
	Name       *string                    `json:"name" title:"Name" doc:"The asset's name, or null."`
	Status     *string                    `json:"status" title:"Status" doc:"The status of the asset, or null."`
	Attributes map[string]json.RawMessage `json:"attributes" title:"Attributes" doc:"All attributes of the asset, under ISM's names; empty if there is none."`
	identifier string
}

// Summary names the asset.
func (o getAssetOutput) Summary() string {
	if !o.Found {
		return "there is no asset " + o.identifier
	}
	return "there is an asset " + o.identifier
}

func getAsset(s *system) task.Type {
	return task.Define("ism.get_asset", "Reads an asset's attributes. An asset that does not exist is no failure.", task.Reads,
		func(ctx context.Context, call task.Call, in getAssetInput) (getAssetOutput, error) {
			none := getAssetOutput{Attributes: map[string]json.RawMessage{}, identifier: in.Identifier}
			session, err := s.open(ctx, call)
			if err != nil {
				return none, err
			}
			found, row, err := session.assetRow(ctx, in.Identifier)
			if err != nil || found == nil {
				return none, err
			}
			id := text(found.id(in.Identifier))
			out := getAssetOutput{true, id.orNull(), found["Name"].orNull(), found[attributeStatus].orNull(), nil, in.Identifier}
			return out, json.Unmarshal(row, &out.Attributes)
		}).WithChange(task.Change{Verb: task.Looks, What: "asset {identifier}"}, readAssets).WithRules(identifierRule)
}
