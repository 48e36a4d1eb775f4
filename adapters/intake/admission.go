package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsconn"
)

// Limits of the admission of intake messages.
const (
	storingMax       = 16          // messages of one caller that the stream is storing
	storingTimeout   = time.Minute // maximum wait for the acknowledgement of the stream
	waitingMax       = 16384       // messages of all callers that wait for the stream
	waitingBytesMax  = 128 << 20   // bytes of the waiting messages
	arrivingMax      = 65536       // messages that the client library holds for the admission
	arrivingBytesMax = 64 << 20    // bytes of these messages
	acksMax          = 65536       // acknowledgements that the client library holds
	countInterval    = time.Second
)

// tooManyRequests is the error code of the NATS server for a stream that receives more
// messages than it can store (JSStreamTooManyRequestsErr). NATS clients know the code.
const tooManyRequests jetstream.ErrorCode = 10167

// admission receives the messages of callers and stores them in the intake stream, in the
// process that runs the NATS server. Callers publish to subjects that no stream captures.
// The admission refuses the messages of a caller that exceeds its rate or a quota: it
// answers with an error in place of the acknowledgement. It publishes all other messages
// to the subjects of the stream, in the order of each caller, and forwards each
// acknowledgement of the stream. At most storingMax messages of a caller are on the way to
// the stream, so that the messages of another caller do not wait behind a flood.
//
// One goroutine, run, owns all fields.
type admission struct {
	intake   *Intake
	conn     *natsconn.Conn // only for arriving messages, so that a flood does not delay acknowledgements
	inbox    string
	quotas   Quotas
	arriving chan *nats.Msg
	acks     chan *nats.Msg
	counts   chan counts

	callers      map[string]*caller
	storing      map[uint64]storing
	last         uint64 // number of the newest message that was published to the stream
	waiting      int    // messages, of all callers
	waitingBytes int    // of those messages
	counting     bool   // another goroutine counts
	until        uint64 // last position of the stream when the admission began
	hasOlder     bool   // the messages up to until are counted
	deadLetters  deadLetterState
	cause        string // why the last count failed
}

// storing is a message that was published to the stream and is not acknowledged yet.
type storing struct {
	caller *caller
	reply  string
	bytes  uint64
	since  time.Time
}

// Admit starts to admit messages of callers to the intake, until Close. The streams
// must exist. Only the process that runs the NATS server may call it.
func (in *Intake) Admit(ctx context.Context) error {
	stream, err := in.js.Stream(ctx, StreamName(in.realm))
	if err != nil {
		return fmt.Errorf("admit messages to the intake: %w", err)
	}
	conn, err := in.conn.Dial()
	if err != nil {
		return fmt.Errorf("admit messages to the intake: %w", err)
	}
	a := &admission{
		intake: in, conn: conn, inbox: in.conn.NewInbox(), quotas: in.options.Quotas.orDefaults(),
		arriving: make(chan *nats.Msg), acks: make(chan *nats.Msg, acksMax), counts: make(chan counts),
		callers: make(map[string]*caller), storing: make(map[uint64]storing), until: stream.CachedInfo().State.LastSeq,
	}
	if err := a.subscribe(); err != nil {
		conn.Close()
		return fmt.Errorf("admit messages to the intake: %w", err)
	}
	in.group.Go(func() { a.run(stream) })
	return nil
}

func (a *admission) subscribe() error {
	done := a.intake.ctx.Done()
	arriving, err := a.conn.Subscribe(natsconn.IntakeSubject(a.intake.realm, "*"), func(m *nats.Msg) {
		select {
		case a.arriving <- m:
		case <-done:
		}
	})
	if err == nil {
		err = arriving.SetPendingLimits(arrivingMax, arrivingBytesMax)
	}
	if err == nil {
		_, err = a.intake.conn.ChanSubscribe(a.inbox+".*", a.acks)
	}
	return errors.Join(err, a.intake.conn.FlushConnected(), a.conn.FlushConnected())
}

func (a *admission) run(stream jetstream.Stream) {
	defer a.conn.Close()
	tick := time.NewTicker(countInterval)
	defer tick.Stop()
	a.startCount(stream)
	for {
		select {
		case m := <-a.arriving:
			a.admit(m, time.Now())
		case m := <-a.acks:
			a.acknowledge(m)
		case c := <-a.counts:
			a.counting = false
			a.apply(&c)
		case now := <-tick.C:
			a.tick(now, stream)
		case <-a.intake.ctx.Done():
			return
		}
	}
}

// admit stores a message, queues it behind other messages of its caller, or refuses it.
func (a *admission) admit(m *nats.Msg, now time.Time) {
	c := a.caller(natsconn.CallerOf(m.Subject), now)
	if r := a.judge(c, m, now); r != nil {
		a.refuse(c, m, r)
		return
	}
	c.active = now
	if c.storing < storingMax {
		a.store(c, m, now)
		return
	}
	c.waiting = append(c.waiting, m)
	c.waitingBytes += m.Size()
	a.waiting++
	a.waitingBytes += m.Size()
}

// store publishes a message to the stream.
func (a *admission) store(c *caller, m *nats.Msg, now time.Time) {
	a.last++
	err := a.intake.conn.PublishMsg(&nats.Msg{
		Subject: natsconn.StoredSubject(a.intake.realm, c.name), Reply: a.inbox + "." + strconv.FormatUint(a.last, 10), Header: withoutServerHeaders(m.Header), Data: m.Data,
	})
	if err != nil {
		return // the connection is lost, and the caller receives no acknowledgement
	}
	a.storing[a.last] = storing{c, m.Reply, uint64(m.Size()), now}
	c.storing++
}

// serverHeaders is the prefix of the headers on which a NATS server acts.
const serverHeaders = "nats-"

// withoutServerHeaders returns the headers of a message without those on which the server
// acts. The admission publishes on a connection of the node, which may publish everywhere:
// with Nats-Trace-Dest a caller would make the server publish to a subject of its choice.
func withoutServerHeaders(h nats.Header) nats.Header {
	kept := make(nats.Header, len(h))
	for name, values := range h {
		if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(name)), serverHeaders) {
			kept[name] = values
		}
	}
	return kept
}

// storeWaiting stores the queued messages of a caller up to storingMax.
func (a *admission) storeWaiting(c *caller, now time.Time) {
	for c.storing < storingMax && len(c.waiting) > 0 {
		m := c.waiting[0]
		c.waiting[0] = nil // so that its memory can be collected
		c.waiting = c.waiting[1:]
		c.waitingBytes -= m.Size()
		a.waiting--
		a.waitingBytes -= m.Size()
		a.store(c, m, now)
	}
}

// acknowledge forwards the answer of the stream to the caller.
func (a *admission) acknowledge(m *nats.Msg) {
	number, err := strconv.ParseUint(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:], 10, 64)
	s, isKnown := a.storing[number]
	if err != nil || !isKnown {
		return // the answer arrived after storingTimeout
	}
	delete(a.storing, number)
	s.caller.storing--
	var ack struct {
		Error *jetstream.APIError `json:"error"`
		Seq   uint64              `json:"seq"`
	}
	if json.Unmarshal(m.Data, &ack) == nil && ack.Error == nil && ack.Seq > 0 {
		s.caller.stored.add(1, s.bytes)
	}
	a.answer(s.reply, m.Header, m.Data)
	a.storeWaiting(s.caller, time.Now())
}

// answer publishes to a caller. A caller that has disconnected can publish again with the
// same id; the ledger records the command once.
func (a *admission) answer(reply string, header nats.Header, data []byte) {
	if reply != "" {
		_ = a.intake.conn.PublishMsg(&nats.Msg{Subject: reply, Header: header, Data: data})
	}
}

// refuse answers with an error in the form of the server's own errors.
func (a *admission) refuse(c *caller, m *nats.Msg, r *refusal) {
	c.refused++
	c.refusal = r.reason
	if observe := a.intake.options.Observer.Refused; observe != nil {
		observe(r.reason)
	}
	if m.Reply == "" {
		return
	}
	text, _ := json.Marshal(map[string]any{ // strings and integers always encode
		"stream": StreamName(a.intake.realm), "seq": 0,
		"error": r.apiError(),
	})
	a.answer(m.Reply, nil, text)
}

// tick runs every countInterval: it stops waiting for overdue acknowledgements, reads the
// rates of the tokens, logs refusals, removes idle callers, and starts a count.
func (a *admission) tick(now time.Time, stream jetstream.Stream) {
	for number, s := range a.storing {
		if now.Sub(s.since) > storingTimeout {
			delete(a.storing, number)
			s.caller.storing--
			a.storeWaiting(s.caller, now)
		}
	}
	for name, c := range a.callers {
		if c.isIdle(now) {
			delete(a.callers, name)
			continue
		}
		c.setRate(a.rateOf(name))
		c.logRefusals(a.intake.options.Log, now)
	}
	if !a.counting {
		a.startCount(stream)
	}
}

// startCount counts in another goroutine, which sends the result to run.
func (a *admission) startCount(stream jetstream.Stream) {
	a.counting = true
	for _, c := range a.callers {
		c.counted = c.stored.messages
	}
	hasOlder, until, counted := a.hasOlder, a.until, a.deadLetters
	a.intake.group.Go(func() {
		var older counts
		if !hasOlder {
			older = a.countOlder(a.intake.ctx, stream, until)
		}
		c := a.count(a.intake.ctx, stream, counted)
		c.older, c.err = older.older, errors.Join(older.err, c.err)
		a.send(c)
	})
}

// send passes counts to run.
func (a *admission) send(c counts) {
	select {
	case a.counts <- c:
	case <-a.intake.ctx.Done():
	}
}
