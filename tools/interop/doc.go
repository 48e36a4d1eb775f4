// Package interop tests the built program with clients that other projects wrote: the
// Go SDK of CloudEvents, the Standard Webhooks library, an EventSource client, and a client
// that oapi-codegen generates from the OpenAPI document. The test of the nats command is
// TestNATSCLI in cmd/authledger, build tag e2e.
//
// The package is a module of its own, so that the program depends on none of these
// clients. It imports no package of the program, because a client has the documents only.
package interop
