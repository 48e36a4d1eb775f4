package natsapi

import (
	"encoding/json"
	"net/http"
)

// problem is a problem of RFC 9457, in the form of the HTTP interface.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

const (
	problemMediaType  = "application/problem+json"
	problemTypePrefix = "/docs/problems#"
)

// problemTypes holds the problem type of each status that this package sends.
var problemTypes = map[int]string{
	http.StatusBadRequest:            "bad-request",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusForbidden:             "forbidden",
	http.StatusRequestEntityTooLarge: "too-large",
	http.StatusInternalServerError:   "internal",
	http.StatusServiceUnavailable:    "outcome-unknown",
}

func problemBody(status int, detail string) []byte {
	body, _ := json.Marshal(problem{problemTypePrefix + problemTypes[status], http.StatusText(status), status, detail}) // strings and an int always encode
	return body
}
