package apidoc

import "authledger/eventstore/wire"

// Names of headers.
const (
	AcceptHeader         = "Accept" // a list, which several headers may hold
	AsOfHeader           = "As-Of"
	AuthorizationHeader  = "Authorization"
	ETagHeader           = "ETag"
	IdempotencyKeyHeader = "Idempotency-Key"
	IfNoneMatchHeader    = "If-None-Match" // a list, which several headers may hold
	LinkHeader           = "Link"
	ReadSessionHeader    = "Read-Session" // the number of the audit.read that the server recorded for an answer
	RequestIDHeader      = "X-Request-Id"
	RetryAfterHeader     = "Retry-After"
	SourceHeader         = wire.AttributePrefix + "Source" // of a local caller's command as plain JSON
	VaryHeader           = "Vary"
)

// Headers of the login gate. The proxy sets the first four in its request to the gate. An
// accepting answer contains the attempt, which the proxy passes on to the login page, and
// the remaining attempts. A refusing answer contains the reason.
const (
	LoginUserHeader      = "X-Login-User"
	LoginPlatformHeader  = "X-Login-Platform" // default GatePlatform
	LoginAddressHeader   = "X-Login-Address"  // address of the client; the ledger seals it
	LoginAttemptHeader   = "X-Login-Attempt"  // default: a new id
	LoginReasonHeader    = "X-Login-Reason"
	LoginRemainingHeader = "X-Login-Remaining"
	GatePlatform         = "client_portal"
)

// Media types.
const (
	JSONType  = "application/json"
	EventType = "application/cloudevents+json"
	BatchType = "application/cloudevents-batch+json"
	CSVType   = "text/csv"
)

// Paths and names of routes that the document describes in their own way.
const (
	CommandsPath  = "/v1/commands"
	OpenAPIPath   = "/openapi.json"
	TypeParameter = "type"        // name of the path parameter that contains the type of a command
	TaskTag       = "Tasks"       // tag of the routes that read the whole log
	ProblemPageID = "problemType" // id of the route of the page of a problem type
)
