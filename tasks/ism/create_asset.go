package ism

import (
	"context"
	"errors"
	"net/http"

	"errand/engine/schema"
	"errand/engine/task"
)

type createAssetInput struct {
	Identifier string `json:"identifier" title:"Identifier" required:"true" doc:"The asset's identifier outside ISM, such as an instance's. No other asset may have it."`
	assetAttributes
	Status string `json:"status" title:"Status" default:"Active" doc:"The asset's status."`
}

type createAssetOutput struct {
	AssetID    string `json:"asset_id" title:"Asset ID" doc:"ISM's id of the asset, or the identifier where ISM does not tell."`
	identifier string
}

// Summary names the asset.
func (o createAssetOutput) Summary() string { return "asset " + o.identifier + " was created" }

// createAsset creates an asset. Where the outcome is not known, it is looked up by its identifier before it is sent again; one that bears
// another name than was sent is somebody else's.
func createAsset(s *system) task.Type {
	return task.Define("ism.create_asset", "Creates an asset, which ISM calls a configuration item.", task.Evident,
		func(ctx context.Context, call task.Call, in createAssetInput) (out createAssetOutput, err error) {
			if err := checkIdentifier(in.Identifier); err != nil {
				return out, err
			}
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			if call.Recover {
				switch found, err := session.asset(ctx, in.Identifier); {
				case err != nil:
					return out, asUnknown(err)
				case found.hasOtherName(in.Name):
					return out, identifierTaken(in.Identifier, 0)
				case found != nil:
					return createAssetOutput{found.id(in.Identifier), in.Identifier}, nil
				}
			}
			data, err := session.send(ctx, http.MethodPost, session.paths.Asset, in.body(in.Identifier, in.Status))
			if err != nil {
				return out, session.explainRefusal(ctx, in.Identifier, err)
			}
			return createAssetOutput{assetOf(data).id(in.Identifier), in.Identifier}, nil
		}).Acts(task.Change{Verb: task.Creates, What: "asset {identifier}", Done: "recorded"}, readAssets, createAssets)
}

// exists says whether a creation was refused because the identifier is taken; ISM has no code for it.
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

func identifierTaken(identifier string, status int) *task.Failure {
	return &task.Failure{Code: codeExists, Message: "there is an asset with the identifier " + schema.Show(identifier) + " already", Status: status}
}
