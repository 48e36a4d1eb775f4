package problems

// Causes returns the texts of the innermost errors of err, for a log. It omits the texts of the
// outer errors, because those may contain a user name or an account number, which a log must not
// contain.
func Causes(err error) []string {
	switch outer := err.(type) {
	case interface{ Unwrap() error }:
		if inner := outer.Unwrap(); inner != nil {
			return Causes(inner)
		}
	case interface{ Unwrap() []error }:
		var all []string
		for _, inner := range outer.Unwrap() {
			all = append(all, Causes(inner)...)
		}
		return all
	}
	return []string{err.Error()}
}
