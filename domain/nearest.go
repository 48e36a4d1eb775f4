package domain

// nearestDistanceMax is the most edits (insertions, deletions, replacements of a byte)
// between a mistyped word and the word that [Nearest] suggests.
const nearestDistanceMax = 3

// Nearest returns the element of words with the fewest edits from word, "" if all need
// more than three. It serves error messages that suggest a correction.
func Nearest(word string, words []string) string {
	nearest, least := "", nearestDistanceMax+1
	for _, w := range words {
		if d := editDistance(word, w); d < least {
			nearest, least = w, d
		}
	}
	return nearest
}

// editDistance returns the Levenshtein distance of a and b in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
