package wire

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"authledger/domain"
)

// AppendRecord appends r as one JSON object without a newline. Its command is
// written without the personal members; those are in r.Personal.
func AppendRecord(b []byte, r *domain.Record) []byte {
	l := recordWriters.Get().(*recordWriter)
	defer recordWriters.Put(l)
	l.line.take(r)
	l.b, l.first = b, false
	l.object(&l.line)
	b, l.b = l.b, nil
	l.line.forget()
	return b
}

// ReadRecord reads what AppendRecord wrote, and nothing else. An error means
// damage, or a writer newer than this code: nothing may be decided on a log
// that holds it.
func ReadRecord(b []byte) (domain.Record, error) {
	l := recordReaders.Get().(*recordReader)
	defer recordReaders.Put(l)
	var r domain.Record
	err := l.read(b, &l.line)
	if err == nil {
		r, err = l.line.give()
	}
	if err != nil {
		err = fmt.Errorf("read record %d: %w", l.line.seq, err)
	}
	l.line.forget()
	return r, err
}

// recordWriter and recordReader are used again, with the room that they have
// grown. Nothing of a record stays in them.
type (
	recordWriter struct {
		writer
		line recordLine
	}
	recordReader struct {
		canon
		line recordLine
	}
)

var (
	recordWriters = sync.Pool{New: func() any { return new(recordWriter) }}
	recordReaders = sync.Pool{New: func() any { return new(recordReader) }}
)

// recordLine lists the members of a stored record.
type recordLine struct {
	record   domain.Record
	seq      int64
	entities []string
	command  commandLine
	events   eventList
	personal sealedLine
}

func (l *recordLine) Members(v domain.Visitor) {
	r := &l.record
	c, reading := v.(*canon)
	v.Count("seq", &l.seq, domain.Form{Need: true, Most: 1 << 62})
	v.Texts("entities", &l.entities)
	v.Object("command", &l.command, domain.Need)
	v.Instant("time", &r.Time, domain.Need)
	v.Flag("late", &r.Late, domain.Need)
	v.Flag("backfill", &l.command.Backfill, domain.Need)
	v.Text("policy", &r.Policy, domain.Need)
	v.Text("status", (*string)(&r.Status), domain.Need)
	v.Text("reason", (*string)(&r.Reason), domain.Free)
	v.Text("detail", &r.Detail, domain.Free)
	if reading && c.next("result") { // only the command's type tells its kind
		r.Result = domain.NewResult(l.command.kind)
	}
	if r.Result != nil {
		v.Object("result", r.Result, domain.Need)
	}
	v.List("events", &l.events)
	if r.Personal != nil || reading && c.next("personal") {
		v.Object("personal", &l.personal, domain.Need)
	}
}

// take fills the line from r, give fills a record from the line.
func (l *recordLine) take(r *domain.Record) {
	l.record, l.seq = *r, int64(r.Seq)
	l.entities = l.entities[:0]
	for _, e := range r.Entities {
		l.entities = append(l.entities, string(e))
	}
	l.events.events = append(l.events.events[:0], r.Events...)
	l.command.take(r)
	if p := r.Personal; p != nil {
		l.personal.take(p)
	}
}

func (l *recordLine) give() (domain.Record, error) {
	r := l.record
	if len(l.entities) == 0 || len(l.events.events) == 0 || (r.Status != domain.Accepted && r.Status != domain.Refused) {
		return r, errors.New("it lacks its entities, status or events")
	}
	r.Seq, r.Command = uint64(l.seq), l.command.Command
	r.Entities = make([]domain.Entity, len(l.entities))
	for i, e := range l.entities {
		r.Entities[i] = domain.Entity(e)
	}
	r.Events = slices.Clone(l.events.events)
	if name, _, login := r.Command.LoginName(); login && r.Unattributed() != nil && *name != "" {
		return r, errors.New("it holds a name that belongs to nobody (A-11)")
	}
	if !r.Coherent() {
		return r, errors.New("its events can't come of its command")
	}
	if err := readHex(r.Content[:], l.command.hash); err != nil {
		return r, err
	}
	err := l.personal.give(&r)
	return r, err
}

func (l *recordLine) forget() {
	clear(l.events.events)
	*l = recordLine{entities: l.entities[:0], events: eventList{events: l.events.events[:0]}}
}

// readHex reads a SHA-256 in the one form that is written.
func readHex(to []byte, text string) error {
	if len(text) != hex.EncodedLen(len(to)) || strings.ToLower(text) != text {
		return errHash
	}
	if _, err := hex.Decode(to, []byte(text)); err != nil {
		return errHash
	}
	return nil
}

var errHash = errors.New("its content hash is no SHA-256 in hex")

// commandLine lists the members of a command as a record holds it.
type commandLine struct {
	domain.Command
	kind    string
	hash    string
	lasting lastingData
}

func (l *commandLine) take(r *domain.Record) {
	l.Command = r.Command
	l.kind = r.Command.Data.CommandType()
	l.hash = hex.EncodeToString(r.Content[:])
	l.lasting = lastingData{Data: r.Command.Data}
	if r.Unattributed() != nil {
		l.lasting.hidden, _, _ = r.Command.LoginName()
	}
}

func (l *commandLine) Members(v domain.Visitor) {
	v.Text("source", &l.Source, domain.Need)
	v.Text("id", &l.ID, domain.Need)
	v.Text("type", &l.kind, domain.Need)
	v.Instant("time", &l.Time, domain.Need)
	v.Flag("stamped", &l.Stamped, domain.Free)
	v.Text("caller", &l.Caller, domain.Free)
	if c, reading := v.(*canon); reading {
		if l.Data = domain.NewCommandData(l.kind); l.Data == nil {
			c.fail("no such command: %s", printable(l.kind))
			return
		}
		l.lasting.Data = l.Data
	}
	v.Object("data", &l.lasting, domain.Need)
	v.Text("hash", &l.hash, domain.Need)
}

// lastingData lists the members of a command that the log keeps in the clear.
type lastingData struct {
	domain.Data
	hidden *string
}

func (l *lastingData) Members(v domain.Visitor) {
	w, writing := v.(*writer)
	if !writing {
		l.Data.Members(v)
		return
	}
	w.part, w.name = lasting, l.hidden
	l.Data.Members(w)
	w.part, w.name = whole, nil
}

// eventList is the events of a record as a list member.
type eventList struct {
	events []domain.Event
	line   eventLine // the one that is visited
}

func (l *eventList) Len() int { return len(l.events) }
func (l *eventList) Clear()   { l.events = l.events[:0] }
func (l *eventList) At(i int) domain.Data {
	l.line = eventLine{event: &l.events[i]}
	return &l.line
}
func (l *eventList) Grow() domain.Data {
	l.events = append(l.events, domain.Event{})
	return l.At(len(l.events) - 1)
}

// eventLine lists the members of an event as a record holds it.
type eventLine struct {
	event   *domain.Event
	kind    string
	version int64
}

func (l *eventLine) Members(v domain.Visitor) {
	c, reading := v.(*canon)
	if !reading {
		l.kind, l.version = l.event.Data.EventType(), domain.EventVersion
	}
	v.Text("type", &l.kind, domain.Need)
	v.Count("v", &l.version, domain.Need)
	v.Instant("at", &l.event.At, domain.Need)
	v.Text("entity", (*string)(&l.event.Entity), domain.Free)
	if reading {
		if l.version == domain.EventVersion {
			l.event.Data = domain.NewEventData(l.kind)
		}
		if l.event.Data == nil {
			c.fail("no such event: %s version %d", printable(l.kind), l.version)
			return
		}
	}
	v.Object("data", l.event.Data, domain.Need)
}

// sealedLine lists the members of a record's personal block.
type sealedLine struct{ kid, nonce, sealed string }

func (l *sealedLine) Members(v domain.Visitor) {
	v.Text("kid", &l.kid, domain.Need)
	v.Text("nonce", &l.nonce, domain.Need)
	v.Text("sealed", &l.sealed, domain.Need)
}

func (l *sealedLine) take(p *domain.Sealed) {
	l.kid = p.KID
	l.nonce = base64.StdEncoding.EncodeToString(p.Nonce)
	l.sealed = base64.StdEncoding.EncodeToString(p.Ciphertext)
}

func (l *sealedLine) give(r *domain.Record) error {
	if *l == (sealedLine{}) {
		return nil
	}
	nonce, err1 := readBase64(l.nonce)
	sealed, err2 := readBase64(l.sealed)
	if err1 != nil || err2 != nil || l.kid == "" {
		return errors.New("its personal block names no key, or is no base64")
	}
	r.Personal = &domain.Sealed{KID: l.kid, Nonce: nonce, Ciphertext: sealed}
	return nil
}

// readBase64 reads the one text that a value has: the decoder alone would read
// past line breaks.
func readBase64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}
