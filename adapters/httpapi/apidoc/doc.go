// Package apidoc describes the HTTP API: the names of its headers, media types and parameters, and
// the OpenAPI document with its schemas, examples and problems. Package httpapi serves the document,
// and uses the names. Its routes are the input of the document:
//
//	httpapi routes ─→ [Document] ─→ /openapi.json
//
// The package answers no request, authorizes no caller and reads no ledger.
//
// # Decisions
//
//   - The document is made from the routes, the table in package operations and the methods Members
//     of the answers, so that it can't list a path, parameter or member that the server lacks.
//   - The document has the types of the library huma. Its schemas list the members that the parser of
//     commands accepts.
//   - The names of headers and media types are declared here once, because the document and the
//     server need the same names.
package apidoc
