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

// signer makes the signatures of an endpoint.
type signer struct {
	key, former []byte // former is nil for none
	until       time.Time
}

func newSigner(e *Endpoint) (s *signer, err error) {
	s = &signer{until: e.FormerUntil}
	if s.key, err = secretKey(e.Secret); err == nil && e.Former != "" {
		s.former, err = secretKey(e.Former)
	}
	return s, err
}

// header is webhook-signature of a payload at an instant: a signature by each secret
// that holds, the newest first.
func (s *signer) header(id string, at time.Time, payload []byte) string {
	signed := signature(s.key, id, at, payload)
	if s.former != nil && at.Before(s.until) {
		signed += " " + signature(s.former, id, at, payload)
	}
	return signed
}

// signature is that of a payload at an instant, by one key.
func signature(key []byte, id string, at time.Time, payload []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(payload)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
