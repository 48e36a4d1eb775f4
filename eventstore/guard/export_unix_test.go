//go:build unix

package guard

// OwnerError is ownerError, for tests that do not run as root.
var OwnerError = ownerError
