package render

import "strings"

// Tone is the meaning of a text, which a terminal shows as a color. The text itself has the same
// meaning, so that a reader needs no color.
type Tone int

const (
	Plain     Tone = iota
	Good           // green: accepted, active
	Bad            // red: refused, locked
	Waiting        // yellow: pending, late
	Secondary      // dim: names of values, ended states
)

// toneCodes are the parameters of SGR (ECMA-48, 8.3.117), without a color for [Plain].
var toneCodes = map[Tone]string{Good: "32", Bad: "31", Waiting: "33", Secondary: "2"}

// apply returns the text in the color of the tone.
func (t Tone) apply(s string, isColored bool) string {
	code := toneCodes[t]
	if !isColored || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// toneOf holds the tones of statuses and states.
var toneOf = map[string]Tone{
	"accepted": Good, "active": Good, "approved": Good, "full": Good, "live": Good, "settled": Good, "delivered": Good,

	"refused": Bad, "denied": Bad, "invalid": Bad, "rejected": Bad, "revoked": Bad, "failed": Bad,

	"pending": Waiting, "requested": Waiting, "shipped": Waiting, "dormant": Waiting, "restricted": Waiting,

	"deactivated": Secondary, "used": Secondary, "expired": Secondary, "cancelled": Secondary,
}

// State returns a cell with a status or a state, such as accepted or pending. The first word
// determines the color.
func State[T ~string](state T) Cell {
	word, _, _ := strings.Cut(string(state), " ")
	return Cell{Text: string(state), Tone: toneOf[word]}
}
