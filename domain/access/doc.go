// Package access holds the permissions of callers: the roles, and the one table of their
// rights. It decides whether a caller may submit a command or read a state.
//
// It does not authenticate: package adapters/tokens does. It decides no rule of the
// ledger, and it does no I/O.
//
// # Decisions
//
//   - Rights belong to roles, not to tokens, so that there is one table to read. A token
//     narrows the rights of its role by its source, and by the persons on whose behalf
//     its holder may act.
//   - A role sees an event if it may read the state that the event changes. A second table
//     of rights for events could contradict the table of roles.
package access
