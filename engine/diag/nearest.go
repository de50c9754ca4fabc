package diag

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// longestName is how many letters a word may have to be compared: comparing takes the square of that.
const longestName = 128

// Nearest returns the candidate that word was most likely meant to be, or "" where none is near: one edit (a letter more, less,
// other, or two neighbours exchanged) is allowed for every three letters of the shorter of the two, and one in any case, but never
// so many that nothing of the word is left. Case does not count, and "-", "_" and a space are one letter. Of several at the same
// distance the first with the same first letter wins, then the first. The word itself is never returned.
func Nearest(word string, candidates []string) string {
	folded := fold(word)
	if len(folded) == 0 {
		return ""
	}
	best, bestRank := "", 0
	for _, candidate := range candidates {
		other := fold(candidate)
		if candidate == word || len(other) == 0 {
			continue
		}
		allowed := min(max(1, min(len(folded), len(other))/3), max(len(folded), len(other))-1)
		if best != "" {
			allowed = min(allowed, (bestRank-1)/2) // one that is further off cannot win
		}
		distance := editDistance(folded, other, allowed)
		if distance > allowed {
			continue
		}
		rank := 2*distance + 1
		if folded[0] == other[0] {
			rank--
		}
		if best == "" || rank < bestRank {
			best, bestRank = candidate, rank
		}
	}
	return best
}

// Certain is Nearest where no other candidate is near, so that nothing else can have been meant; else "".
func Certain(word string, candidates []string) string {
	near := Nearest(word, candidates)
	if near == "" || Nearest(word, slices.DeleteFunc(slices.Clone(candidates), func(c string) bool { return c == near })) != "" {
		return ""
	}
	return near
}

// DidYouMean is the help text for a word that is not known: the nearest candidate, or the whole list where that is short enough to
// be read; else "".
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return `did you mean "` + near + `"?`
	}
	if len(candidates) == 0 || len(candidates) > 12 {
		return ""
	}
	return "known are " + strings.Join(candidates, ", ")
}

var alike = strings.NewReplacer("-", "_", " ", "_")

// fold returns the letters that are compared; none where the word is too long to be anybody's slip.
func fold(word string) []rune {
	if len(word) > longestName*utf8.UTFMax {
		return nil
	}
	letters := []rune(alike.Replace(strings.ToLower(word)))
	if len(letters) > longestName {
		return nil
	}
	return letters
}

// editDistance counts insertions, deletions, substitutions and exchanges of neighbours that turn x into y, each letter being part
// of one of them at most. Where there are more than so many, it returns a number that is greater, and need not be right.
func editDistance(x, y []rune, most int) int {
	if len(x)-len(y) > most || len(y)-len(x) > most {
		return most + 1
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	lastLeast := 0
	for i := 1; i <= len(x); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most && lastLeast > most { // all that follows is made of these two rows
			return most + 1
		}
		before, last, row, lastLeast = last, row, before, least
	}
	return last[len(y)]
}
