package wire

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of what [texts] remembers: how many, a power of two, and of how many
// bytes at most, so that no sender can make it hold on to memory.
const (
	textsMax     = 256
	textBytesMax = 128
)

// texts remembers the texts lately read: the same few come again and again, and
// need not be allocated again.
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

// unquote returns the text of a JSON string, which stays valid as long as raw.
func unquote(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // raw has been validated
	return text
}

// tidy says of a syntax error what a sender can use.
func tidy(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && syntax.Err != nil {
		return fmt.Errorf("no valid JSON at byte %d: %w", syntax.ByteOffset, syntax.Err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("no valid JSON: it ends too early")
	}
	return fmt.Errorf("no valid JSON: %w", err)
}

// fieldShown bounds how much of an unknown name an answer repeats, in bytes.
const fieldShown = 64

// printable makes a sender's text fit for an answer or a log line.
func printable(s string) string {
	if len(s) > fieldShown {
		s = s[:fieldShown] + "…"
	}
	return fmt.Sprintf("%+q", s)[1:][:len(fmt.Sprintf("%+q", s))-2]
}
