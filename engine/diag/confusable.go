package diag

import (
	"fmt"
	"strings"
	"sync"
)

// lookAlikes are letters of other alphabets that look like a letter of this one, and the latter.
const lookAlikes = "аaсcеeоoрpхxуyіiјjѕsԁdһhкkтtмmАAВBЕEКKМMНHОOРPСCТTХX" + // Cyrillic
	"αaοoνvιiκkρpυu" // Greek

// letterPairs returns the letter that each of lookAlikes looks like.
var letterPairs = sync.OnceValue(func() map[rune]rune {
	pairs := map[rune]rune{}
	letters := []rune(lookAlikes)
	for i := 0; i < len(letters); i += 2 {
		pairs[letters[i]] = letters[i+1]
	}
	for c := 'a'; c <= 'z'; c++ { // the wide forms of East Asian texts
		pairs['ａ'+c-'a'] = c
	}
	return pairs
})

// isInvisible reports whether a character has no width, so that two words look the same.
func isInvisible(c rune) bool {
	return c >= 0x200b && c <= 0x200d || c == 0x2060 || c == 0xad || c == 0x180e || c >= 0xfe00 && c <= 0xfe0f
}

// Confusable returns a word without invisible characters and with the letters that it seems to have, and
// a clause that names the first such character. It returns "" twice if there is none.
func Confusable(word string) (plain, why string) {
	plain = strings.Map(func(c rune) rune {
		like, clause := rune(-1), fmt.Sprintf("it has an invisible character (%U)", c)
		if !isInvisible(c) {
			letter, known := letterPairs()[c]
			if !known {
				return c
			}
			like, clause = letter, fmt.Sprintf("its %q (%U) only looks like %q", c, c, letter)
		}
		if why == "" {
			why = clause
		}
		return like
	}, word)
	if why == "" {
		return "", ""
	}
	return plain, why
}
