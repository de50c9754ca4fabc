package ism

import (
	"fmt"
	"strings"
	"testing"

	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

const (
	newAsset = "i-0a1b2c3d4e5f60009"
	oldAsset = "i-0a1b2c3d4e5f60002" // in the default world
)

func assetIn(box *sandbox.Sandbox, identifier string) (found sandbox.Asset, n int) {
	for _, a := range box.State().Assets {
		if a.Identifier == identifier {
			found, n = a, n+1
		}
	}
	return found, n
}

func TestCreateAsset(t *testing.T) {
	d, box, seen := inSandbox(t, "")
	out := tasktest.Outputs(t, d.Run("create_asset", fmt.Sprintf(`{"identifier":%q,"name":"web","class":"Virtual Machine","description":"a server","ip_address":"10.0.0.1","attributes":{"Make":"AWS","Cores":2,"Rack":null}}`, newAsset)))
	made, n := assetIn(box, newAsset)
	if n != 1 || made.Name != "web" || made.Class != "Virtual Machine" || made.Status != "Active" || made.Attributes["Make"] != "AWS" ||
		made.Attributes["Cores"] != "2" || made.Attributes["IP Address"] != "10.0.0.1" || made.Attributes["Description"] != "a server" {
		t.Errorf("made %+v", made)
	}
	if _, there := made.Attributes["Rack"]; there {
		t.Errorf("made %+v with a null", made)
	}
	if id, _ := out["asset_id"].(string); id == "" || id == newAsset || out["result_message"] != "asset "+newAsset+" was created" {
		t.Errorf("got %v", out)
	}
	if len(*seen) != 1 {
		t.Errorf("requests %q", *seen)
	}
}

func TestAssetIsCreatedOnce(t *testing.T) {
	for _, fault := range []string{"lose_reply", "unavailable", "refuse", "lock"} {
		t.Run(fault, func(t *testing.T) {
			d, box, _ := inSandbox(t, fmt.Sprintf(`"faults":[{"system":"ism","action":"POST ConfigurationItem",%q:1}]`, fault))
			out := tasktest.Outputs(t, d.Run("create_asset", fmt.Sprintf(`{"identifier":%q}`, newAsset)))
			if _, n := assetIn(box, newAsset); n != 1 {
				t.Errorf("%d assets", n)
			}
			if out["asset_id"] == "" || out["asset_id"] == newAsset {
				t.Errorf("got %v", out)
			}
		})
	}
}

func TestAssetThatExistsIsRefused(t *testing.T) {
	d, _, _ := inSandbox(t, "")
	f := d.Run("create_asset", fmt.Sprintf(`{"identifier":%q}`, oldAsset)).Failure
	if f == nil || f.Code != codeExists || f.Transient || f.Unknown || !strings.Contains(f.Message, oldAsset) {
		t.Errorf("got %+v", f)
	}
}

func TestUpdateAsset(t *testing.T) {
	cases := []struct {
		name, faults string
		puts         int
	}{
		{"at once", ``, 1},
		{"a lost reply is looked up", `{"system":"ism","action":"PUT ConfigurationItem","lose_reply":1}`, 1},
		{"an effect that is not there is sent again", `{"system":"ism","action":"PUT ConfigurationItem","error":"x","status":500}`, 2},
		{"a lock is waited for", `{"system":"ism","action":"PUT ConfigurationItem","lock":1}`, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, box, seen := inSandbox(t, `"faults":[`+c.faults+`]`)
			out := tasktest.Outputs(t, d.Run("update_asset", fmt.Sprintf(`{"identifier":%q,"status":"Inactive","owner":"nobody"}`, oldAsset)))
			now, _ := assetIn(box, oldAsset)
			if now.Status != "Inactive" || now.Attributes["Owner"] != "nobody" || now.Name != "test-server" {
				t.Errorf("the asset is %+v", now)
			}
			if out["status"] != "Inactive" || out["asset_id"] == oldAsset || out["asset_id"] == "" {
				t.Errorf("got %v", out)
			}
			if n := len(tasktest.WithPrefix(*seen, "PUT ")); n != c.puts {
				t.Errorf("%d writes, want %d", n, c.puts)
			}
		})
	}
}

func TestRelateAsset(t *testing.T) {
	for _, fault := range []string{``, `"lose_reply":1`, `"unavailable":1`, `"lock":2`} {
		t.Run(fault, func(t *testing.T) {
			faults := ""
			if fault != "" {
				faults = `{"system":"ism","action":"POST Ticket/ConfigurationItem",` + fault + `}`
			}
			d, box, seen := inSandbox(t, `"faults":[`+faults+`]`)
			out := tasktest.Outputs(t, d.Run("relate_asset", fmt.Sprintf(`{"ticket":"100-291","identifier":%q}`, oldAsset)))
			if related := box.State().Tickets[0].Related; len(related) != 1 || related[0] != oldAsset {
				t.Errorf("related %q", related)
			}
			if out["result_message"] != "asset "+oldAsset+" was related to ticket 100-291" {
				t.Errorf("got %v", out)
			}
			if n := len(tasktest.WithPrefix(*seen, "POST ")); fault == `"lose_reply":1` && n != 1 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

func TestRelationOfAnotherTypeIsNoEvidence(t *testing.T) {
	asset := ok(`{"items":[{"ConfigurationItemIdentifier":"i-1","CIID":"7"}]}`)
	for kind, posted := range map[string]bool{"Affected": false, "Impacted": true} {
		ticket := ok(`{"TicketIdentifier":"100-291","TicketStatus":"New","HasConfigurationItem":{"results":[{"CIID":7,"RelationshipType":"Affected"}]}}`)
		looks := []tasktest.Answer{ticket, asset} // the asset is looked for only if the relation may be the one
		if posted {
			looks = []tasktest.Answer{ticket, ticket}
		}
		d, s := scripted(t, append(looks, ok(`"Success"`))...)
		d.Call.Recover = true
		tasktest.Outputs(t, d.Run("relate_asset", `{"ticket":"100-291","identifier":"i-1","relationship":"`+kind+`"}`))
		if last := s.Requests[len(s.Requests)-1].Method; (last == "POST") != posted {
			t.Errorf("%s: the last request is a %s", kind, last)
		}
	}
}

func TestAssetWithAnotherNameIsNotOurs(t *testing.T) {
	for name, code := range map[string]string{"build-7": "", "other": codeExists} {
		d, s := scripted(t, ok(`{"items":[{"ConfigurationItemIdentifier":"i-1","CIID":"7","Name":"`+name+`"}]}`))
		d.Call.Recover = true
		reply := d.Run("create_asset", `{"identifier":"i-1","name":"build-7"}`)
		if got := reply.Failure; (got == nil) != (code == "") || got != nil && got.Code != code {
			t.Errorf("an asset called %s: got %+v", name, got)
		}
		if len(s.Requests) != 1 {
			t.Errorf("an asset called %s: %d requests", name, len(s.Requests))
		}
	}
}

func TestMissingRecords(t *testing.T) {
	cases := []struct{ name, typ, input, edition, code, message string }{
		{"an update of no asset", "update_asset", `{"identifier":"i-9","status":"Inactive"}`, "", codeNotFound, `there is no asset with the identifier "i-9"`},
		{"a relation of no asset", "relate_asset", `{"identifier":"i-9","ticket":"100-291"}`, "", codeNotFound, `there is no asset with the identifier "i-9"`},
		{"a relation to no ticket", "relate_asset", `{"identifier":"` + oldAsset + `","ticket":"100-999"}`, "", "http_404", "there is no ticket 100-999"},
		{"a worklog on no ticket", "add_worklog", `{"ticket":"100-999","text":"a"}`, "", "http_404", "there is no ticket 100-999"},
		{"a closing of no ticket", "close_service_request", `{"ticket":"100-999"}`, "", "http_404", "there is no ticket 100-999"},
		{"creating in the other edition", "create_asset", `{"identifier":"i-9"}`, "service-desk", codeEdition, "only its Service Management edition has them"},
		{"updating in the other edition", "update_asset", `{"identifier":"i-9","status":"Inactive"}`, "service-desk", codeEdition, "only its Service Management edition has them"},
		{"relating in the other edition", "relate_asset", `{"identifier":"i-9","ticket":"100-291"}`, "service-desk", codeEdition, "only its Service Management edition has them"},
		{"no identifier", "create_asset", `{"identifier":""}`, "", "bad_input", "expected an identifier that is not empty"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			edition := ""
			if c.edition != "" {
				edition = fmt.Sprintf(`"edition":%q`, c.edition)
			}
			d, _, _ := inSandbox(t, edition)
			f := d.Run(c.typ, c.input).Failure
			if f == nil || f.Code != c.code || f.Transient || f.Unknown || !strings.Contains(f.Message, c.message) {
				t.Errorf("got %+v, want %s: %s", f, c.code, c.message)
			}
		})
	}
}

// If a look fails or finds nothing while the outcome of an earlier attempt is unknown, the outcome
// stays unknown.
func TestAssetsStayUnknownIfTheLookFails(t *testing.T) {
	for _, typ := range []string{"create_asset", "update_asset", "relate_asset"} {
		d, _ := scripted(t, tasktest.Answer{Status: 403, Body: `{"data":null,"error":"no"}`})
		d.Call.Recover = true
		if f := d.Run(typ, `{"identifier":"i-9","ticket":"100-291"}`).Failure; f == nil || f.Code != codeForbidden || !f.Unknown {
			t.Errorf("%s: got %+v", typ, f)
		}
	}
}

// An asset that was just set inactive can be related, and the relation is found, although ISM lists
// active assets only.
func TestRelateAnInactiveAsset(t *testing.T) {
	for _, fault := range []string{``, `{"system":"ism","action":"POST Ticket/ConfigurationItem","lose_reply":1}`} {
		d, box, _ := inWorld(t, `{"tickets":[{"id":"100-291"}],"inactive_assets":"unlisted","assets":[{"identifier":"i-7"}],"faults":[`+fault+`]}`)
		tasktest.Outputs(t, d.Run("update_asset", `{"identifier":"i-7","status":"Inactive"}`))
		d.Call.Note, d.Call.Recover = "", false
		tasktest.Outputs(t, d.Run("relate_asset", `{"ticket":"100-291","identifier":"i-7"}`))
		if related := box.State().Tickets[0].Related; len(related) != 1 || related[0] != "i-7" {
			t.Errorf("with the faults [%s], related %q", fault, related)
		}
	}
}
