package natsapi

import (
	"encoding/json"
	"net/http"

	"authledger/domain/problems"
)

// problem is a problem of RFC 9457, in the form of the HTTP interface.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

const problemMediaType = "application/problem+json"

// problemTypes holds the problem type of each status that this package sends.
var problemTypes = map[int]string{
	http.StatusBadRequest:            problems.BadRequest,
	http.StatusUnauthorized:          problems.Unauthorized,
	http.StatusForbidden:             problems.Forbidden,
	http.StatusRequestEntityTooLarge: problems.TooLarge,
	http.StatusInternalServerError:   problems.Internal,
	http.StatusServiceUnavailable:    problems.OutcomeUnknown,
}

func problemBody(status int, detail string) []byte {
	kind := problemTypes[status]
	body, _ := json.Marshal(problem{problems.Reference(kind), problems.Title(kind), status, detail}) // strings and an int always encode
	return body
}
