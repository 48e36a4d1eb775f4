package problems

import (
	"net/http"
	"strings"
)

// Path is the path of the pages on a node. The page of a type is at Path and its name.
const Path = "/problems/"

// Names of the problem types.
const (
	BadRequest           = "bad-request"
	MissingBody          = "missing-body"
	Unauthorized         = "unauthorized"
	Forbidden            = "forbidden"
	NotFound             = "not-found"
	MethodNotAllowed     = "method-not-allowed"
	NotAcceptable        = "not-acceptable"
	CutOff               = "cut-off"
	TooLarge             = "too-large"
	UnsupportedMediaType = "unsupported-media-type"
	MisdirectedRequest   = "misdirected-request"
	InvalidCommand       = "invalid-command"
	TooManyRequests      = "too-many-requests"
	KeyMissing           = "key-missing"
	Internal             = "internal"
	OutcomeUnknown       = "outcome-unknown"
	NotReady             = "not-ready"
)

// Type is one row of the table.
type Type struct {
	Name     string
	Status   int    // of the answer over HTTP, and the error code over NATS
	Title    string // summary, without a full stop
	Happened string // what happened, in sentences
	Next     string // the action of the client, in sentences
}

// table lists the types in the order of their statuses.
var table = []Type{
	{BadRequest, http.StatusBadRequest, "The request is invalid",
		"A parameter, a header or the body of the request is invalid. The node recorded nothing.",
		"Correct the parameter, the header or the body that the detail names. The detail lists the accepted values. The same request fails again."},
	{MissingBody, http.StatusBadRequest, "The request has no body",
		"The request needs a body, and its body is empty. The node recorded nothing.",
		"Send JSON with -H 'Content-Type: application/json': the data of a command, or the policy of a what-if. The detail shows a complete curl command."},
	{Unauthorized, http.StatusUnauthorized, "The token is missing or invalid",
		"The request has no token, or its token is unknown, revoked or expired. The node recorded nothing.",
		"Send the header Authorization: Bearer TOKEN. The operator creates a token with authledger token add."},
	{Forbidden, http.StatusForbidden, "The caller may not send this request",
		"The role, the source or the permitted persons of the token do not permit the request. The node recorded nothing.",
		"Send the request with another token. The detail names the right that is missing. The operator creates a token with authledger token add."},
	{NotFound, http.StatusNotFound, "The path or the object does not exist",
		"The path, the record or the dead letter does not exist, or the node has no intake.",
		"Compare the path with the paths in /openapi.json, and the number with the list of records or dead letters. For dead letters, start the node with an intake."},
	{MethodNotAllowed, http.StatusMethodNotAllowed, "The path does not accept the method",
		"The path exists, but not with the method of the request.",
		"Send the request with a method of the header Allow."},
	{NotAcceptable, http.StatusNotAcceptable, "The answer has no accepted media type",
		"The header Accept permits no media type in which the node can send the answer. The node recorded nothing.",
		"Send the request without the header Accept to get JSON, or with a media type of the detail, such as -H 'Accept: text/csv'."},
	{CutOff, http.StatusRequestTimeout, "The body is incomplete",
		"The body of the request did not arrive completely, or it arrived too slowly. The node recorded nothing.",
		"Send the request again with the same id."},
	{TooLarge, http.StatusRequestEntityTooLarge, "The request or its answer is too large",
		"The body of the request exceeds the limit in the detail, or the answer exceeds the limit of HTTP/1.0. The node recorded nothing.",
		"Send fewer commands in one request, or request fewer records with the parameter limit."},
	{UnsupportedMediaType, http.StatusUnsupportedMediaType, "The body is not JSON",
		"The Content-Type of the body is no accepted form of JSON, or the request has a Content-Encoding. curl -d sends the Content-Type of a form unless the command has another one. The node recorded nothing.",
		"Send the body with the Content-Type of the detail, such as -H 'Content-Type: application/json', and without Content-Encoding. The detail shows a complete curl command."},
	{MisdirectedRequest, http.StatusMisdirectedRequest, "The Host header does not name this machine",
		"The listener requires no credentials, and the Host header of the request contains a DNS name. A web page of another site could send such a request.",
		"Send the request to 127.0.0.1, [::1] or localhost, or start the node with tokens."},
	{InvalidCommand, http.StatusUnprocessableEntity, "The command is invalid",
		"A member of the command is missing, unknown or invalid. The node recorded nothing. The problem contains the verdict.",
		"Correct the member that the verdict names. The command can be sent again with the same id."},
	{TooManyRequests, http.StatusTooManyRequests, "The caller exceeds a limit",
		"The caller exceeds its rate, too many of its streams are open, or another task of the node is running. The node recorded nothing.",
		"Wait for the seconds in the header Retry-After, then send the request again."},
	{KeyMissing, http.StatusInternalServerError, "The key of sealed data is missing",
		"The key of the sealed data is missing or damaged, so the node can't decrypt the data.",
		"Send the request without reveal: the answer then contains the rest of the record. The operator runs authledger verify and restores the keys from a backup."},
	{Internal, http.StatusInternalServerError, "The node failed to answer",
		"The node has an error that is not the client's.",
		"Send the id in the member requestId to the operator. The log of the node contains the cause with this id."},
	{OutcomeUnknown, http.StatusServiceUnavailable, "The outcome is unknown",
		"The node can't report whether it recorded the command. The detail names the cause.",
		"Wait for the seconds in the header Retry-After, then send the command again with the same id. The ledger records the command once, and the answer is its verdict."},
	{NotReady, http.StatusServiceUnavailable, "The node can't answer now",
		"The node can't answer the request now. For example, it is opening the ledger, its log is damaged, or too many queries wait. The detail names the cause.",
		"Wait for the seconds in the header Retry-After, then send the request again. See /readyz for the state of the node."},
}

// All returns the table. The caller must not change it.
func All() []Type { return table }

// Find returns the type with a name, nil if the name is unknown.
func Find(name string) *Type {
	for i := range table {
		if table[i].Name == name {
			return &table[i]
		}
	}
	return nil
}

// Title returns the title of a type. It returns the title of [Internal] for an unknown name,
// so that an answer always has a title.
func Title(name string) string {
	if t := Find(name); t != nil {
		return t.Title
	}
	return Title(Internal)
}

// Reference returns the relative reference that identifies a type in a problem.
func Reference(name string) string { return Path + name }

// Name returns the name of the type that a reference identifies. It accepts an absolute
// reference, and the fragment of a page with all types.
func Name(reference string) string {
	return reference[strings.LastIndexAny(reference, "/#")+1:]
}
