package definition

import "testing"

// What the quotes in a value can mean in two ways is not read at all.
func TestReadMisquoted(t *testing.T) {
	for _, c := range []struct {
		text   string
		inFlow bool
		write  string
	}{
		{`"a "b" c"`, false, `'a "b" c'`},
		{`"It's "b""`, false, `'It''s "b"'`},
		{`"a "b"\n"`, false, `"a \"b\"\n"`},
		{`'don't'`, false, `"don't"`},
		{`'a 'b' c'`, false, `"a 'b' c"`},
		{`'it''s 'b''`, false, `"it's 'b'"`},
		{`"${{ join(a, ", ") }}", x: y}`, true, `'${{ join(a, ", ") }}'`},
		{`"a "b", c", x: y}`, true, `'a "b", c'`},
		{`"a" == "b"`, false, ""},
		{`"a" b`, false, ""},
		{`"a "b"`, false, ""},
		{`"${{ join(a, ", ") "`, false, ""},
		{`"x "y", b: "z" w"}`, true, ""},
		{`["a" "b"]`[1:], true, ""},
	} {
		m, ok := readMisquoted(c.text, c.inFlow)
		if ok != (c.write != "") || ok && m.write != c.write {
			t.Errorf("%s: got %t, %s, want %s", c.text, ok, m.write, c.write)
		}
	}
}
