package ism

import (
	"context"
	"errors"
	"net/http"

	"errand/engine/schema"
	"errand/engine/task"
)

type createAssetInput struct {
	Identifier string `json:"identifier" title:"Identifier" required:"true" doc:"The asset's identifier outside ISM, such as the identifier of an EC2 instance. No other asset may have it."`
	assetAttributes
	Status string `json:"status" title:"Status" default:"Active" doc:"The status of the asset."`
}

type createAssetOutput struct {
	AssetID    string `json:"asset_id" title:"Asset ID" doc:"ISM's id of the asset, or the identifier if ISM returns no id."`
	identifier string
}

// Summary names the asset.
func (o createAssetOutput) Summary() string { return "asset " + o.identifier + " was created" }

// createAsset creates an asset. If the outcome is unknown, the asset is looked up by its identifier
// before it is sent again. An asset with another name than the one that was sent belongs to
// somebody else.
func createAsset(s *system) task.Type {
	return task.Define("ism.create_asset", "Creates an asset, which ISM calls a configuration item.", task.Evident,
		func(ctx context.Context, call task.Call, in createAssetInput) (out createAssetOutput, err error) {
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			if call.Recover {
				return task.LookFor(call, session.evidenceDelay, func() (createAssetOutput, bool, error) {
					found, err := session.asset(ctx, in.Identifier)
					if found.hasOtherName(in.Name) {
						return out, false, identifierTaken(in.Identifier, 0)
					}
					return createAssetOutput{found.id(in.Identifier), in.Identifier}, found != nil, err
				})
			}
			data, err := session.send(ctx, http.MethodPost, session.paths.Asset, in.body(in.Identifier, in.Status))
			if err != nil {
				return out, session.explainRefusal(ctx, in.Identifier, err)
			}
			made, err := written(in.Identifier, data)
			return createAssetOutput{made.id(in.Identifier), in.Identifier}, err
		}).WithChange(task.Change{Verb: task.Creates, What: "asset {identifier}", Done: "recorded"}, readAssets, createAssets).WithRules(identifierRule, assetTexts)
}

// explainRefusal returns the reason for a refused creation if it can be found out: the edition has
// no assets, or another asset has the identifier. ISM has no code for the latter.
func (s *session) explainRefusal(ctx context.Context, identifier string, err error) error {
	f, ok := errors.AsType[*task.Failure](err)
	switch {
	case hasStatus(err, http.StatusNotFound):
		return noAssets()
	case !ok || f.Transient || f.Unknown || f.Code == codeForbidden || f.Status == 0:
		return err
	}
	if found, look := s.asset(ctx, identifier); look == nil && found != nil {
		return identifierTaken(identifier, f.Status)
	}
	return err
}

// identifierTaken returns the failure for an identifier that another asset has.
func identifierTaken(identifier string, status int) *task.Failure {
	return &task.Failure{Code: codeExists, Message: "there is an asset with the identifier " + schema.Show(identifier) + " already", Status: status}
}
