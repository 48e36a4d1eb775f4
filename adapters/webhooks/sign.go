package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

// signer signs payloads with the secrets of an endpoint.
type signer struct {
	key       []byte
	formerKey []byte // nil without a former secret
	until     time.Time
}

func newSigner(e *Endpoint) (s *signer, err error) {
	s = &signer{until: e.FormerUntil}
	if s.key, err = secretKey(e.Secret); err == nil && e.Former != "" {
		s.formerKey, err = secretKey(e.Former)
	}
	return s, err
}

// header returns the value of the header webhook-signature for a payload that is sent
// at an instant: one signature by each valid secret, the newest secret first.
func (s *signer) header(id string, at time.Time, payload []byte) string {
	signed := signature(s.key, id, at, payload)
	if s.formerKey != nil && at.Before(s.until) {
		signed += " " + signature(s.formerKey, id, at, payload)
	}
	return signed
}

// signature returns the signature of a payload that is sent at an instant, by one key.
func signature(key []byte, id string, at time.Time, payload []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(payload)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
