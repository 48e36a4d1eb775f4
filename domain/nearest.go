package domain

import "strings"

// Bounds of the differences between a mistyped word and the word that [Nearest] suggests, in edits
// (insertions, deletions, replacements of a byte, exchanges of two adjacent bytes).
const (
	nearestDistanceMax = 3
	nearestBytesPer    = 3 // a word of n bytes may differ in n/nearestBytesPer edits, at least one
	nearestPrefixMin   = 3 // minimum length of a word that may be the beginning of another word, in bytes
)

// DidYouMean returns the end of the error about an unknown word, such as `, did you mean "tws"?`.
// It returns "" if no element of words is similar.
func DidYouMean(word string, words []string) string {
	if nearest := Nearest(word, words); nearest != "" {
		return `, did you mean "` + nearest + `"?`
	}
	return ""
}

// Nearest returns the element of words that is most similar to word, "" if none is similar. In
// order of preference, an element is similar if at most three edits lead from word to the element,
// if word is its beginning, or if word is similar to one of its parts, such as login in login.begin.
// It serves error messages that suggest a correction.
func Nearest(word string, words []string) string {
	if nearest, distance := fewestEdits(word, words, func(w string) []string { return []string{w} }); distance <= editsMax(word) {
		return nearest
	}
	for _, w := range words {
		if len(word) >= nearestPrefixMin && strings.HasPrefix(w, word) {
			return w
		}
	}
	if nearest, distance := fewestEdits(word, words, parts); distance <= editsMax(word) {
		return nearest
	}
	return ""
}

// editsMax returns the maximum number of edits between word and a similar word. Short words are
// similar to many words by chance.
func editsMax(word string) int {
	return min(max(len(word)/nearestBytesPer, 1), nearestDistanceMax)
}

// fewestEdits returns the element of words of which a part has the fewest edits from word.
func fewestEdits(word string, words []string, parts func(string) []string) (nearest string, least int) {
	least = nearestDistanceMax + 1
	for _, w := range words {
		for _, part := range parts(w) {
			if d := editDistance(word, part); d < least {
				nearest, least = w, d
			}
		}
	}
	return nearest, least
}

// parts returns the parts of a name of several words, nil for a name of one word.
func parts(name string) []string {
	all := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("._-@ ", r) })
	if len(all) < 2 {
		return nil
	}
	return all
}

// editDistance returns the number of edits from a to b, in bytes: the optimal string alignment
// distance, in which the exchange of two adjacent bytes is one edit.
func editDistance(a, b string) int {
	var before []int // row i-2
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
