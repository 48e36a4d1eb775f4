package natsapi

import (
	"encoding/json"
	"net/http"
)

// problem is RFC 9457, as the interface tells it.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

const (
	problemKind = "application/problem+json"
	problemType = "/docs/problems#"
)

var problemKinds = map[int]string{
	http.StatusBadRequest:            "bad-request",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusRequestEntityTooLarge: "too-large",
	http.StatusInternalServerError:   "internal",
	http.StatusServiceUnavailable:    "outcome-unknown",
}

func problemBody(status int, detail string) []byte {
	body, _ := json.Marshal(problem{problemType + problemKinds[status], http.StatusText(status), status, detail}) // of texts alone
	return body
}
