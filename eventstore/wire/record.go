package wire

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"authledger/domain"
)

// AppendRecord appends r as one JSON object without a newline. It writes the command without
// its personal members, which r.Personal holds sealed.
func AppendRecord(b []byte, r *domain.Record) []byte {
	l := recordWriters.Get().(*recordWriter)
	defer recordWriters.Put(l)
	l.line.set(r)
	l.b, l.first, l.stored = b, false, true
	l.object(&l.line)
	b, l.b = l.b, nil
	l.line.reset()
	return b
}

// ReadRecord reads only the text that AppendRecord writes. An error means damage, or a record
// of a newer program. The caller MUST NOT decide commands on a log with such a record.
func ReadRecord(b []byte) (domain.Record, error) {
	l := recordReaders.Get().(*recordReader)
	defer recordReaders.Put(l)
	var r domain.Record
	err := l.read(b, &l.line)
	if err == nil {
		r, err = l.line.get()
	}
	if err != nil {
		err = fmt.Errorf("read record %d: %w", l.line.seq, err)
	}
	l.line.reset()
	return r, err
}

// recordWriter and recordReader are reused with their memory. They hold no data of a record
// after use.
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
	if reading && c.next("result") { // the type of the command determines the type of the result
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

// set fills the line from r.
func (l *recordLine) set(r *domain.Record) {
	l.record, l.seq = *r, int64(r.Seq)
	l.entities = l.entities[:0]
	for _, e := range r.Entities {
		l.entities = append(l.entities, string(e))
	}
	l.events.events = append(l.events.events[:0], r.Events...)
	l.command.set(r)
	if p := r.Personal; p != nil {
		l.personal.set(p)
	}
}

// get returns the record of the line, validated.
func (l *recordLine) get() (domain.Record, error) {
	r := l.record
	if len(l.entities) == 0 || len(l.events.events) == 0 || (r.Status != domain.Accepted && r.Status != domain.Refused) {
		return r, errors.New("entities, status or events are missing")
	}
	r.Seq, r.Command = uint64(l.seq), l.command.Command
	r.Entities = make([]domain.Entity, len(l.entities))
	for i, e := range l.entities {
		r.Entities[i] = domain.Entity(e)
	}
	r.Events = slices.Clone(l.events.events)
	if name, _, login := r.Command.LoginName(); login && r.Unattributed() != nil && *name != "" {
		return r, errors.New("it holds the name of an unattributed attempt (A-11)")
	}
	if !r.Coherent() {
		return r, errors.New("its command cannot cause its events")
	}
	if err := readHex(r.Content[:], l.command.hash); err != nil {
		return r, err
	}
	err := l.personal.get(&r)
	return r, err
}

// reset clears the line and keeps its memory.
func (l *recordLine) reset() {
	clear(l.events.events)
	*l = recordLine{entities: l.entities[:0], events: eventList{events: l.events.events[:0]}}
}

// readHex reads a SHA-256 in lower-case hex, the form that the writer writes.
func readHex(to []byte, text string) error {
	if len(text) != hex.EncodedLen(len(to)) || strings.ToLower(text) != text {
		return errHash
	}
	if _, err := hex.Decode(to, []byte(text)); err != nil {
		return errHash
	}
	return nil
}

var errHash = errors.New("content hash: want a SHA-256 in lower-case hex")

// commandLine lists the members of the command in a record.
type commandLine struct {
	domain.Command
	kind, hash string
	lasting    lastingData

	isWithoutCase bool // the command of a record that is only shown, see [domain.Record.WithoutCase]
}

func (l *commandLine) set(r *domain.Record) {
	l.Command = r.Command
	l.kind = r.Command.Data.CommandType()
	l.hash, l.isWithoutCase = hashOf(r), r.IsWithoutCase()
	l.lasting = lastingData{Data: r.Command.Data}
	if r.Unattributed() != nil {
		l.lasting.hidden, _, _ = r.Command.LoginName()
	}
}

func (l *commandLine) Members(v domain.Visitor) {
	identity := domain.Form{Need: !l.isWithoutCase} // the empty members are left out
	v.Text("source", &l.Source, identity)
	v.Text("id", &l.ID, identity)
	v.Text("type", &l.kind, domain.Need)
	v.Instant("time", &l.Time, domain.Need)
	v.Flag("stamped", &l.Stamped, domain.Free)
	v.Instant("arrived", &l.Arrived, domain.Free)
	v.Text("caller", &l.Caller, domain.Free)
	if c, reading := v.(*canon); reading {
		if l.Data = domain.NewCommandData(l.kind); l.Data == nil {
			c.fail("unknown command type %s", printable(l.kind))
			return
		}
		l.lasting.Data = l.Data
	}
	v.Object("data", &l.lasting, domain.Need)
	v.Text("hash", &l.hash, identity)
}

// lastingData lists the members of a command that the log stores unsealed.
type lastingData struct {
	domain.Data
	hidden *string // name of a login that is not stored
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
	line   eventLine // the visited event
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

// eventLine lists the members of an event in a record.
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
			c.fail("unknown event type %s version %d", printable(l.kind), l.version)
			return
		}
	}
	v.Object("data", l.event.Data, domain.Need)
}

// sealedLine lists the members of a record's personal block. It has a slot, or a kid in a record
// of an older program.
type sealedLine struct {
	kid, nonce, sealed string
	slot               int64
}

func (l *sealedLine) Members(v domain.Visitor) {
	v.Text("kid", &l.kid, domain.Free)
	v.Count("slot", &l.slot, domain.Form{Most: math.MaxUint32})
	v.Text("nonce", &l.nonce, domain.Need)
	v.Text("sealed", &l.sealed, domain.Need)
}

func (l *sealedLine) set(p *domain.Sealed) {
	l.kid, l.slot = p.KID, int64(p.Slot)
	l.nonce = base64.StdEncoding.EncodeToString(p.Nonce)
	l.sealed = base64.StdEncoding.EncodeToString(p.Ciphertext)
}

// get sets the personal block of r. It sets no block if the line is empty.
func (l *sealedLine) get(r *domain.Record) error {
	if *l == (sealedLine{}) {
		return nil
	}
	nonce, err1 := readBase64(l.nonce)
	sealed, err2 := readBase64(l.sealed)
	if err1 != nil || err2 != nil || (l.kid == "") == (l.slot == 0) {
		return errors.New("personal block: want a slot or a key id, and base64")
	}
	r.Personal = &domain.Sealed{Slot: uint32(l.slot), KID: l.kid, Nonce: nonce, Ciphertext: sealed}
	return nil
}

// readBase64 decodes s and rejects line breaks, which the decoder ignores, so that each value
// has one text.
func readBase64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}
