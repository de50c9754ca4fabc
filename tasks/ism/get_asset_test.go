package ism

import (
	"testing"

	"errand/tasks/tasktest"
)

func TestGetAsset(t *testing.T) {
	d, _, _ := inSandbox(t, "")
	tasktest.Outputs(t, d.Run("create_asset", `{"identifier":"i-9","name":"web","class":"Cloud","category":"Compute","type":"Instance","item":"Virtual","attributes":{"Make":"AWS"}}`))
	out := tasktest.Outputs(t, d.Run("get_asset", `{"identifier":"i-9"}`))
	attributes := out["attributes"].(map[string]any)
	for name, want := range map[string]string{"Class": "Cloud", "Category": "Compute", "Type": "Instance", "Item": "Virtual", "Make": "AWS", attributeIdentifier: "i-9"} {
		if attributes[name] != want {
			t.Errorf("%s is %v, want %s", name, attributes[name], want)
		}
	}
	if out["found"] != true || out["name"] != "web" || out["status"] != "Active" || out["asset_id"] != attributes["CIID"] || out["result_message"] != "there is an asset i-9" {
		t.Errorf("got %v", out)
	}
}

func TestGetAssetThatDoesNotExist(t *testing.T) {
	d, _, _ := inSandbox(t, "")
	out := tasktest.Outputs(t, d.Run("get_asset", `{"identifier":"i-9"}`))
	if out["found"] != false || out["asset_id"] != nil || out["status"] != nil || len(out["attributes"].(map[string]any)) != 0 || out["result_message"] != "there is no asset i-9" {
		t.Errorf("got %v", out)
	}
	d, _, _ = inSandbox(t, `"edition":"service-desk"`)
	if f := d.Run("get_asset", `{"identifier":"i-9"}`).Failure; f == nil || f.Code != codeEdition {
		t.Errorf("got %+v", f)
	}
	d, s := scripted(t, ok(`null`))
	if f := d.Run("get_asset", `{"identifier":""}`).Failure; f == nil || len(s.Bodies) != 0 {
		t.Errorf("got %+v after %d requests", f, len(s.Bodies))
	}
}
