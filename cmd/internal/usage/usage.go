// Package usage holds the error of a wrong command line.
package usage

import "fmt"

// Error reports a command line that is not valid. The program then exits with code 2.
type Error struct{ Err error }

func (e Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e Error) Unwrap() error { return e.Err }

// Errorf returns an [Error] with a formatted message, as fmt.Errorf does.
func Errorf(format string, args ...any) error {
	return Error{fmt.Errorf(format, args...)}
}

// OrSee returns the end of an error about an unknown word: a suggestion of [domain.DidYouMean], or
// without a suggestion the next step.
func OrSee(suggestion, next string) string {
	if suggestion != "" {
		return suggestion
	}
	return ": " + next
}
