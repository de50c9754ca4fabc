package temporal

import (
	"maps"
	"slices"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"

	"errand/engine"
)

func TestSetup(t *testing.T) {
	f := &fakeServer{attributes: map[string]enumspb.IndexedValueType{"ErrandStatus": enumspb.INDEXED_VALUE_TYPE_KEYWORD, "Other": enumspb.INDEXED_VALUE_TYPE_INT}}
	c, err := dial(t, Connection{Address: f.start(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	made, err := Setup(t.Context(), c, "default")
	if err != nil || len(made) != len(attributes)-1 || slices.Contains(made, "ErrandStatus") {
		t.Errorf("made %v, %v", made, err)
	}
	want := map[string]enumspb.IndexedValueType{
		"ErrandRun": 2, "ErrandWorkflow": 2, "ErrandRequest": 2, "ErrandStatus": 2, "ErrandReplaces": 2, "ErrandStarted": 6, "ErrandWaitsFor": 7, "ErrandOwners": 7, "Other": 3,
	}
	if !maps.Equal(f.attributes, want) {
		t.Errorf("the server has %v", f.attributes)
	}
	if made, err = Setup(t.Context(), c, "default"); err != nil || made != nil {
		t.Errorf("the second time it makes %v, %v", made, err)
	}
}

func TestSetupWithAnotherType(t *testing.T) {
	f := &fakeServer{attributes: map[string]enumspb.IndexedValueType{"ErrandOwners": enumspb.INDEXED_VALUE_TYPE_TEXT}}
	c, err := dial(t, Connection{Address: f.start(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Setup(t.Context(), c, "default")
	troubled(t, err, engine.TroubleSettings, `the search attribute ErrandOwners of the namespace "default" is of type Text; expected KeywordList`, "use another namespace")
	if len(f.attributes) != 1 {
		t.Errorf("it added %v", f.attributes)
	}
}

// Temporal Cloud has a command of its own for search attributes.
func TestSetupOnTemporalCloud(t *testing.T) {
	f := &fakeServer{cloud: true, attributes: map[string]enumspb.IndexedValueType{"ErrandRun": 2, "ErrandWorkflow": 2, "ErrandRequest": 2, "ErrandReplaces": 2, "ErrandOwners": 7}}
	c, err := dial(t, Connection{Address: f.start(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Setup(t.Context(), c, "default")
	troubled(t, err, engine.TroubleSettings, `this client may not add search attributes to the namespace "default": Request unauthorized.`,
		"on Temporal Cloud: tcld namespace search-attributes add -n default -sa ErrandStatus=Keyword -sa ErrandStarted=Datetime -sa ErrandWaitsFor=KeywordList")
	f.mu.Lock()
	for _, key := range attributes {
		f.attributes[key.GetName()] = key.GetValueType()
	}
	f.mu.Unlock()
	if made, err := Setup(t.Context(), c, "default"); err != nil || made != nil {
		t.Errorf("after the command it makes %v, %v", made, err)
	}
}

// A SQL database has ten columns for keywords, three for times and three for lists of keywords, for
// all programs.
func TestAttributesFitIntoADatabase(t *testing.T) {
	count := map[enumspb.IndexedValueType]int{}
	for _, key := range attributes {
		if !strings.HasPrefix(key.GetName(), "Errand") {
			t.Errorf("%s may be the name of somebody else", key.GetName())
		}
		count[key.GetValueType()]++
	}
	if count[enumspb.INDEXED_VALUE_TYPE_KEYWORD] > 8 || count[enumspb.INDEXED_VALUE_TYPE_DATETIME] > 2 || count[enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST] > 2 || len(count) != 3 {
		t.Errorf("there are %v", count)
	}
}
