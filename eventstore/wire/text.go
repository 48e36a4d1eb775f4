package wire

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of [texts]. They bound the memory that a sender can make it hold.
const (
	textsMax     = 256 // number of texts, a power of two
	textBytesMax = 128 // of one text
)

// texts caches recently read texts, so that repeated texts are allocated once.
type texts [textsMax]string

var textsSeed = maphash.MakeSeed()

func (t *texts) text(s []byte) string {
	if len(s) == 0 || len(s) > textBytesMax {
		return string(s)
	}
	slot := &t[maphash.Bytes(textsSeed, s)%textsMax]
	if *slot != string(s) {
		*slot = string(s)
	}
	return *slot
}

// unquote returns the text of a valid JSON string. It may share the memory of raw.
func unquote(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // raw is valid
	return text
}

// tidy returns a syntax error as a message for the sender.
func tidy(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && syntax.Err != nil {
		return fmt.Errorf("invalid JSON at byte %d: %w", syntax.ByteOffset, syntax.Err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("invalid JSON: it ends too early")
	}
	return fmt.Errorf("invalid JSON: %w", err)
}

// fieldShown is the maximum length of an unknown name in a message, in bytes.
const fieldShown = 64

// printable shortens and escapes a text of a sender for a message or a log line.
func printable(s string) string {
	if len(s) > fieldShown {
		s = s[:fieldShown] + "…"
	}
	return fmt.Sprintf("%+q", s)[1:][:len(fmt.Sprintf("%+q", s))-2]
}
