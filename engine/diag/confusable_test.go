package diag

import "testing"

func TestConfusable(t *testing.T) {
	for _, c := range []struct{ word, plain, why string }{
		{"workflow", "", ""},
		{"größe", "", ""},
		{"wor\u200bkflow", "workflow", "it has an invisible character (U+200B)"},
		{"w\u043erkflow", "workflow", "its 'о' (U+043E) only looks like 'o'"},
		{"t\u0430s\u043a", "task", "its 'а' (U+0430) only looks like 'a'"},
		{"ｗｉｔｈ", "with", "its 'ｗ' (U+FF57) only looks like 'w'"},
	} {
		if plain, why := Confusable(c.word); plain != c.plain || why != c.why {
			t.Errorf("Confusable(%q) is %q, %q; want %q, %q", c.word, plain, why, c.plain, c.why)
		}
	}
}
