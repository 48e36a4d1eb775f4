package domain

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Maximum lengths of the texts of a command, in bytes.
const (
	idBytesMax        = 128 // attempt, device, code, agent, by and other ids
	IDBytesMax        = 256 // the id of a command
	SourceBytesMax    = 256 // the source of a command
	addressBytesMax   = 64
	textBytesMax      = 128
	userAgentBytesMax = 512
	noteBytesMax      = 2 << 10
)

// Forms that several commands share.
var (
	idForm        = Form{Need: true, Wrong: wrongID, Pattern: `^[A-Za-z0-9._:-]{1,128}$`}
	partyForm     = Form{Need: true, Wrong: wrongParty, Pattern: `^[A-Za-z0-9._:@+~-]{1,128}$`} // an id or a name
	nameForm      = Form{Need: true}                                                            // checked later, with the pattern of the policy (LOGIN-1)
	textForm      = Form{Wrong: wrongText, Pattern: `^.{1,128}$`}
	addressForm   = Form{Personal: true, Wrong: wrongAddress, BytesMax: addressBytesMax}
	userAgentForm = Form{Personal: true, Wrong: atMost(userAgentBytesMax), BytesMax: userAgentBytesMax}
	outcomeForm   = oneOf(string(Succeeded), string(Failed))
	platformForm  = oneOf(platforms...)
)

// WrongID returns why s is not a valid id, "" if it is valid.
func WrongID(s string) string { return wrongID(s) }

func wrongID(s string) string {
	if len(s) == 0 || len(s) > idBytesMax {
		return "want 1 to " + strconv.Itoa(idBytesMax) + " characters"
	}
	for i := range len(s) {
		if !isIDByte(s[i]) {
			return "want only letters, digits and . _ : -"
		}
	}
	return ""
}

// wrongParty accepts also the names and pseudonyms of the persons of a pseudonymous realm.
func wrongParty(s string) string {
	if len(s) == 0 || len(s) > idBytesMax {
		return "want 1 to " + strconv.Itoa(idBytesMax) + " characters"
	}
	for i := range len(s) {
		if b := s[i]; !isIDByte(b) && b != '@' && b != '+' && b != PseudonymMark {
			return "want only letters, digits and . _ : - @ + ~"
		}
	}
	return ""
}

func isIDByte(b byte) bool {
	switch {
	case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		return true
	}
	return b == '.' || b == '_' || b == ':' || b == '-'
}

func wrongText(s string) string {
	if s == "" {
		return "want a text that is not empty, or no member"
	}
	if len(s) > textBytesMax {
		return "want at most " + strconv.Itoa(textBytesMax) + " bytes"
	}
	return wrongPrintable(s)
}

// wrongPrintable rejects control characters, format characters (such as bidi marks) and line
// separators, because a terminal would obey them or show them as a second line.
func wrongPrintable(s string) string {
	for _, r := range s {
		if r == utf8.RuneError || (!unicode.IsGraphic(r)) || r == '\u2028' || r == '\u2029' {
			return "want printable characters only"
		}
	}
	return ""
}

func wrongAddress(s string) string {
	if s == "" {
		return "" // equal to an absent address
	}
	if len(s) > addressBytesMax {
		return "want at most " + strconv.Itoa(addressBytesMax) + " bytes"
	}
	if _, err := netip.ParseAddr(s); err != nil {
		return "want an IPv4 or IPv6 address"
	}
	return ""
}

func atMost(bytesMax int) func(string) string {
	why := "want at most " + strconv.Itoa(bytesMax) + " bytes"
	return func(s string) string {
		if len(s) > bytesMax {
			return why
		}
		return ""
	}
}

func oneOf(values ...string) Form {
	why := "want one of " + strings.Join(values, ", ")
	return Form{Need: true, OneOf: values, Wrong: func(s string) string {
		for _, v := range values {
			if s == v {
				return ""
			}
		}
		return why
	}}
}

// WrongEnvelope returns why s is not a valid source or id of a command, "" if it is valid.
func WrongEnvelope(s string, bytesMax int) string {
	if s == "" {
		return "want a text that is not empty"
	}
	if len(s) > bytesMax {
		return "want at most " + strconv.Itoa(bytesMax) + " bytes"
	}
	return wrongPrintable(s)
}
