package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"authledger/adapters/httpapi/apidoc"
	"authledger/eventstore/wire"
)

const (
	acceptHeader          = apidoc.AcceptHeader // a list, which several headers may hold
	authorizationHeader   = apidoc.AuthorizationHeader
	contentTypeHeader     = "Content-Type"
	contentEncodingHeader = "Content-Encoding"       // the server rejects a body with any encoding
	ifNoneMatchHeader     = apidoc.IfNoneMatchHeader // a list, which several headers may hold
	idempotencyKeyHeader  = apidoc.IdempotencyKeyHeader
	lastEventIDHeader     = "Last-Event-Id" // in the canonical case of net/http
	requestIDHeader       = apidoc.RequestIDHeader
	sourceHeader          = apidoc.SourceHeader // of a local caller's command as plain JSON
	backfillHeader        = "Backfill"          // "true": the commands of a local caller record the past
)

// singleHeaders lists the headers that the server reads and that hold one value. The
// ce- headers of CloudEvents hold one value too.
var singleHeaders = []string{
	authorizationHeader, contentTypeHeader, idempotencyKeyHeader, lastEventIDHeader, requestIDHeader,
	sourceHeader, backfillHeader, loginUserHeader, loginPlatformHeader, loginAddressHeader, loginAttemptHeader,
}

// requireSingleHeaders returns an error if one of these headers occurs more than once. A
// proxy may have set one of the values and its client the other, so the server can't know
// which value is valid.
func requireSingleHeaders(h http.Header) error {
	for name, values := range h {
		if len(values) > 1 && (slices.Contains(singleHeaders, name) || strings.HasPrefix(name, wire.AttributePrefix)) {
			return bad("%s: more than one header, want at most one: configure the proxy to set this header and to drop the client's", name)
		}
	}
	return nil
}
