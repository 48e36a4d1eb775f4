package explain_test

import "authledger/domain"

// erases holds, releases or forgets a user. Erasures are rare, so that the histories stay long.
func (w *scenario) erases() {
	user, number := w.user(), one(w, "L-1", "L-2")
	switch w.IntN(6) {
	case 0, 1:
		w.give(&domain.PersonHold{User: user, Case: number, By: w.agent(), Purpose: one(w, "", "court order")})
	case 2, 3, 4:
		w.give(&domain.PersonRelease{User: user, Case: number, By: w.agent()})
	default:
		w.give(&domain.PersonForget{User: user, Case: number, By: w.agent(), Purpose: one(w, "", "request")})
	}
}
