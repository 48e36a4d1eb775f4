package eventstore

import (
	"bytes"

	"authledger/domain"
)

// pseudonymLength is the number of bytes of a pseudonym.
const pseudonymLength = 27

// Show returns text with the name of each person in the place of the pseudonym. It returns text itself if
// the realm has plain names or text holds no pseudonym. A pseudonym whose name cannot be opened stays.
func (n *Names) Show(text []byte) []byte {
	if !n.isPseudonymous || bytes.IndexByte(text, domain.PseudonymMark) < 0 {
		return text
	}
	return n.appendShown(make([]byte, 0, len(text)), text)
}

// ShowHTML is Show for an HTML document. It changes only the text between tags, so that links keep the
// pseudonyms.
func (n *Names) ShowHTML(page []byte) []byte {
	if !n.isPseudonymous || bytes.IndexByte(page, domain.PseudonymMark) < 0 {
		return page
	}
	shown := make([]byte, 0, len(page))
	for len(page) > 0 {
		tag := bytes.IndexByte(page, '<')
		if tag < 0 {
			return n.appendShown(shown, page)
		}
		shown = n.appendShown(shown, page[:tag])
		page = page[tag:]
		end := tagEnd(page)
		shown = append(shown, page[:end]...)
		page = page[end:]
	}
	return shown
}

// tagEnd returns the index after the tag with which page begins. A quoted value of an attribute may hold
// the character that ends a tag.
func tagEnd(page []byte) int {
	quote := byte(0)
	for i, b := range page {
		switch {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '>':
			return i + 1
		}
	}
	return len(page)
}

// appendShown appends text to dst with names in the place of pseudonyms.
func (n *Names) appendShown(dst, text []byte) []byte {
	for {
		at := bytes.IndexByte(text, domain.PseudonymMark)
		if at < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:at]...)
		text = text[at:]
		length := min(pseudonymLength, len(text))
		word := string(text[:length])
		if !domain.IsPseudonym(word) {
			dst, text = append(dst, text[0]), text[1:]
			continue
		}
		name, err := n.Name(word)
		if err != nil {
			name = word // the row or the key file is unreadable: the pseudonym reveals nothing
		}
		dst, text = append(dst, name...), text[length:]
	}
}
