// Package operations holds the table of the queries and of the administrative operations
// on dead letters and webhook deliveries. Each row has the name, the right, the parameters and the summary of one
// operation.
//
// The HTTP routes, the endpoints over NATS, the commands of the command line, the OpenAPI
// document and the AsyncAPI document are built from the table, so that an operation has
// the same name, right, parameters and text on each of them. [Operation.Parse] is the only
// function that reads parameters.
//
// The package decides nothing, reads no ledger and imports no package of this module, so
// that clients can import it too. Commands are not in the table:
// the catalog of package domain describes each command type once, see
// [authledger/domain.ClientCommands].
package operations
