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
	return w.b
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
