package domain

import (
	"encoding/base32"
	"encoding/base64"
	"strings"
)

const (
	tokenNameBytesMax = 64
	secretPrefix      = "whsec_"
	secretBytesMin    = 24 // of a webhook secret, decoded (Standard Webhooks)
	secretBytesMax    = 64
)

// tokenRoles are the roles that a token can have. Package access lists their rights.
var tokenRoles = []string{"gateway", "importer", "support", "officer", "auditor", "dashboard", "operator"}

// TokenRoles returns the roles that a token can have.
func TokenRoles() []string { return append([]string(nil), tokenRoles...) }

// Forms of the config.* commands.
var (
	tokenNameForm = matching(`^[A-Za-z0-9._:][A-Za-z0-9._:-]{0,63}$`,
		"want 1 to 64 characters of A-Z a-z 0-9 . _ : -, the first not -")
	roleForm        = oneOf(tokenRoles...)
	tokenSourceForm = Form{Wrong: wrongTokenSource, BytesMax: SourceBytesMax}
	tokenHashForm   = matching(`^[0-9a-f]{64}$`, "want the SHA-256 of the token as 64 hexadecimal digits in lower case")
	nkeyForm        = Form{Wrong: wrongNKey, Pattern: `^U[A-Z2-7]{55}$`}
	webhookNameForm = matching(`^[a-z0-9][a-z0-9_-]{0,63}$`,
		"want 1 to 64 lower-case letters, digits, _ and -, with a letter or digit first")
	secretForm = Form{Need: true, Personal: true, Secret: true, Wrong: wrongSecret,
		BytesMax: len(secretPrefix) + (secretBytesMax+2)/3*4}
)

// wrongTokenSource rejects the sources that the ledger reserves, because the records of a caller
// with such a source would look like records of the ledger or of a local caller.
func wrongTokenSource(source string) string {
	if wrong := WrongEnvelope(source, SourceBytesMax); wrong != "" {
		return wrong
	}
	if ReservedSource(source) || strings.HasPrefix(strings.ToLower(strings.TrimSpace(source)), LocalPrefix) {
		return "want a source that is not reserved for the ledger itself"
	}
	return ""
}

// nkeyUserPrefix is the first byte of the public key of a NATS user, before its encoding.
const nkeyUserPrefix = 20 << 3

// wrongNKey checks the public key of a NATS user: base32 of a prefix byte, 32 bytes of an Ed25519
// key, and their checksum.
func wrongNKey(key string) string {
	const why = "want the public key of a NATS user, U and 55 letters and digits"
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key)
	if err != nil || len(raw) != 1+32+2 || raw[0] != nkeyUserPrefix {
		return why
	}
	if sum := crc16(raw[:33]); raw[33] != byte(sum) || raw[34] != byte(sum>>8) {
		return why
	}
	return ""
}

// crc16 returns the checksum of NATS keys: CRC-16/XMODEM.
func crc16(b []byte) (sum uint16) {
	for _, c := range b {
		sum ^= uint16(c) << 8
		for range 8 {
			if carry := sum&0x8000 != 0; carry {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// wrongSecret checks the secret of a webhook. Its texts do not contain the secret.
func wrongSecret(secret string) string {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < secretBytesMin || len(key) > secretBytesMax {
		return "want whsec_ and base64 of 24 to 64 bytes"
	}
	return ""
}
