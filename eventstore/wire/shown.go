package wire

import "authledger/domain"

// sealedText stands for what is personal in a record.
const sealedText = "sealed"

// AppendShown appends r as AppendRecord does, for people: of what is sealed in
// it, only that it is there.
func AppendShown(b []byte, r *domain.Record) []byte {
	var line shownRecord
	line.take(r)
	if r.Personal != nil {
		line.sealed, line.record.Personal = sealedText, nil
	}
	w := writer{b: b}
	w.object(&line)
	return visible(w.b, len(b))
}

// shownRecord lists the members of a record as people see it. It is written,
// never read.
type shownRecord struct {
	recordLine
	sealed string
}

func (l *shownRecord) Members(v domain.Visitor) {
	l.recordLine.Members(v)
	v.Text("personal", &l.sealed, domain.Free)
}

// AppendRevealed appends r as AppendShown does, with what was sealed in it in the
// clear: plain is what [Personal] made. Without it, it stays sealed.
func AppendRevealed(b []byte, r *domain.Record, plain []byte) []byte {
	if plain == nil {
		return AppendShown(b, r)
	}
	var line shownRecord
	line.take(r)
	line.record.Personal = nil
	from := len(b)
	w := writer{b: b}
	w.object(&line)
	b = append(w.b[:len(w.b)-1], `,"personal":`...)
	return visible(append(append(b, plain...), '}'), from)
}
