package temporal

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"errand/engine/goldenfile"
)

// Temporal stores records for months. The file has every member of a Record and of what is in it; a
// member that is renamed, removed or encoded in another way makes a difference. A record that is
// stored must stay readable: whoever changes the file increases recordVersion, or proves that the old
// file is still read.
func TestTheFormOfARecord(t *testing.T) {
	var whole Record
	fill(t, reflect.ValueOf(&whole).Elem(), "Record")
	whole.Version = recordVersion
	var indented bytes.Buffer
	must(t, json.Indent(&indented, plain(t, whole), "", "  "))
	goldenfile.Check(t, "testdata/record.json", indented.Bytes())

	// The same record as Temporal has it. Another compressor may make other bytes, so they are only read.
	const file = "testdata/record-packed.json"
	if goldenfile.Updating() {
		data, err := json.Marshal(whole)
		must(t, err)
		goldenfile.Check(t, file, data)
	}
	stored, err := os.ReadFile(file)
	must(t, err)
	var read Record
	must(t, json.Unmarshal(stored, &read))
	if !reflect.DeepEqual(read, whole) {
		t.Errorf("the file is read as\n%s\nwant\n%s", plain(t, read), plain(t, whole))
	}
}

// fill sets every member of a value that JSON has. Each text names its place.
func fill(t *testing.T, v reflect.Value, place string) {
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
		return
	case *json.RawMessage:
		*at = json.RawMessage(`{"text":"<` + place + `> & more"}`)
		return
	case *[]byte:
		*at = []byte(place)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				fill(t, v.Field(i), place+"."+f.Name)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), place)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), place)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, place+" key")
		fill(t, value, place+" value")
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("<" + place + ">")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	default:
		t.Fatalf("%s is a %s, which this test cannot fill", place, v.Type())
	}
}

// A record that passes through JSON, also as a part of something else, is the same, and what calls
// sent keeps its bytes.
func TestARecordThroughJSON(t *testing.T) {
	var whole Record
	fill(t, reflect.ValueOf(&whole).Elem(), "Record")
	whole.Version = recordVersion
	if read := again(t, whole); !reflect.DeepEqual(read, whole) {
		t.Errorf("it is read as\n%+v\nwant\n%+v", read, whole)
	}
	data, err := json.Marshal(whole)
	must(t, err)
	if small := len(plain(t, whole)); len(data) > small {
		t.Errorf("it has %d bytes, and uncompressed %d", len(data), small)
	}
	east := whole
	east.Run.Started = whole.Run.Started.In(time.FixedZone("east", 7200))
	if read := again(t, east); read.Run.Started != whole.Run.Started {
		t.Errorf("a time is read as %s, want it in UTC", read.Run.Started)
	}
}

// What is no record of this version is refused with what was found.
func TestRecordsThatCannotBeRead(t *testing.T) {
	packed := func(version int) string {
		data, err := json.Marshal(Record{Version: version})
		must(t, err)
		return string(data)
	}
	other, err := json.Marshal(compressed(t, `{"version":9,"run":"text"}`))
	must(t, err)
	broken, err := json.Marshal(compressed(t, `{"version":1,"run":"text"}`))
	must(t, err)
	for _, c := range []struct{ text, problem string }{
		{string(other), "has version 9"},
		{string(broken), "cannot be read"},
		{packed(recordVersion + 1), fmt.Sprintf("has version %d; this program reads version %d", recordVersion+1, recordVersion)},
		{packed(0), "has version 0"},
		{`"bm8gcmVjb3Jk"`, "cannot be read"},
		{packed(recordVersion)[:41] + `"`, "cannot be read"},
		{`"?"`, "cannot be read"},
		{`{"version":1}`, "cannot be read"},
	} {
		var r Record
		if err := json.Unmarshal([]byte(c.text), &r); err == nil || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: %v, want that it %s", c.text, err, c.problem)
		}
	}
}

func compressed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

// again returns a record that has passed through JSON, inside of something else.
func again(t testing.TB, r Record) Record {
	t.Helper()
	data, err := json.Marshal(map[string]Record{"record": r})
	must(t, err)
	var read map[string]Record
	must(t, json.Unmarshal(data, &read))
	return read["record"]
}

func plain(t testing.TB, r Record) []byte {
	t.Helper()
	data, err := r.plainJSON()
	must(t, err)
	return data
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
