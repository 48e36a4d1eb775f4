package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"
)

// Event is what an endpoint is told.
type Event struct {
	ID       string // the same for each attempt
	Position Position
	Type     string
	Entity   string // whose it is, such as user/alice
	At       time.Time
	Data     json.RawMessage
}

// body is an event as Standard Webhooks has its payload.
type body struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Position  string    `json:"position"`
	Entity    string    `json:"entity"`
	Data      any       `json:"data"`
}

func (e *Event) payload() ([]byte, error) {
	return json.Marshal(body{e.Type, e.At.UTC(), e.Position.String(), e.Entity, e.Data})
}

// signature is the header webhook-signature of a payload at an instant.
func signature(key []byte, id string, at time.Time, payload []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(payload)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
