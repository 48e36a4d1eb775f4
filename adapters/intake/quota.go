package intake

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/time/rate"

	"authledger/domain/access"
)

// Quotas limit the messages of one caller in the intake, and its dead letters. A zero
// field stands for its default.
type Quotas struct {
	Messages        uint64 // in the intake; default 2,000,000
	Bytes           uint64 // of those messages; default 1 GiB
	DeadLetters     uint64 // default 10,000
	DeadLetterBytes uint64 // of those dead letters; default 64 MiB
}

// Default quotas of one caller.
const (
	callerMessagesMax        = 2_000_000
	callerBytesMax           = 1 << 30
	callerDeadLettersMax     = 10_000
	callerDeadLetterBytesMax = 64 << 20
)

func (q Quotas) orDefaults() Quotas {
	return Quotas{
		Messages: cmp.Or(q.Messages, callerMessagesMax), Bytes: cmp.Or(q.Bytes, callerBytesMax),
		DeadLetters: cmp.Or(q.DeadLetters, callerDeadLettersMax), DeadLetterBytes: cmp.Or(q.DeadLetterBytes, callerDeadLetterBytesMax),
	}
}

// Reasons of refused intake messages.
const (
	OverRate        = "rate"         // the caller publishes faster than the rate of its token
	OverWaiting     = "waiting"      // too many messages of the caller wait for the stream
	OverMessages    = "messages"     // quota of messages in the intake
	OverBytes       = "bytes"        // quota of bytes in the intake
	OverDeadLetters = "dead_letters" // quota of dead letters, or of their bytes
	IsConfiguration = "config"       // a message that may hold a secret, which the intake never stores
)

// RefusalReasons returns the reasons for which intake messages are refused.
func RefusalReasons() []string {
	return []string{OverRate, OverWaiting, OverMessages, OverBytes, OverDeadLetters, IsConfiguration}
}

// refusal is the reason for which a message is refused. detail ends with the advice to the
// caller.
type refusal struct{ reason, detail string }

// apiError returns the refusal in the form of the server's own errors. Only a caller that
// exceeds a limit may publish the message again.
func (r *refusal) apiError() jetstream.APIError {
	if r.reason == IsConfiguration {
		return jetstream.APIError{Code: http.StatusBadRequest, ErrorCode: jetstream.JSErrCodeBadRequest, Description: r.detail}
	}
	return jetstream.APIError{Code: http.StatusTooManyRequests, ErrorCode: tooManyRequests, Description: r.detail}
}

const (
	refusalLogInterval = time.Minute // between two log lines about one caller
	idleAfter          = time.Minute // after this time without messages the admission deletes the state of a caller
)

// caller is the state of one caller in the admission.
type caller struct {
	name         string
	limiter      *rate.Limiter
	active       time.Time // when the newest message was admitted
	waiting      []*nats.Msg
	waitingBytes int
	storing      int     // messages that the stream has not acknowledged
	stored       backlog // messages in the stream
	counted      uint64  // stored.messages when the count under way began
	deadLetters  usage   // by the newest count

	refused int       // messages since the last log line
	refusal string    // the newest reason
	logged  time.Time // when the last log line was written
}

// caller returns the state of a caller, and creates it if it does not exist.
func (a *admission) caller(name string, now time.Time) *caller {
	c := a.callers[name]
	if c == nil {
		perSecond := a.rateOf(name)
		c = &caller{name: name, active: now, limiter: rate.NewLimiter(rate.Limit(perSecond), max(perSecond, access.BurstMin))}
		a.callers[name] = c
	}
	return c
}

// rateOf returns the rate of a caller's token, in messages a second. A caller without a
// valid token gets the default: its messages become dead letters.
func (a *admission) rateOf(name string) int {
	c, err := a.intake.options.Tokens.Named(name)
	if err != nil {
		return access.RateDefault
	}
	return c.Rate
}

func (c *caller) setRate(perSecond int) {
	if c.limiter.Limit() != rate.Limit(perSecond) { // the token was replaced
		c.limiter.SetLimit(rate.Limit(perSecond))
		c.limiter.SetBurst(max(perSecond, access.BurstMin))
	}
}

// judge returns why a message is refused, nil if it is admitted.
func (a *admission) judge(c *caller, m *nats.Msg, now time.Time) *refusal {
	messages := c.stored.messages + uint64(c.storing+len(c.waiting))
	bytes := c.stored.bytes + uint64(c.waitingBytes)
	if kind := configurationType(m.Header, m.Data); kind != "" {
		return &refusal{IsConfiguration, configurationDetail(a.intake.realm, c.name, kind)}
	}
	if reason := a.intake.undecided(c.name, m); reason != "" {
		return &refusal{IsConfiguration, undecidedDetail(a.intake.realm, c.name, reason)}
	}
	switch q := &a.quotas; {
	case c.deadLetters.messages >= q.DeadLetters || c.deadLetters.bytes >= q.DeadLetterBytes:
		return &refusal{OverDeadLetters, fmt.Sprintf("%d dead letters of this caller fill its quota: ask the operator to retry or drop them with `authledger dlq`, then publish again", c.deadLetters.messages)}
	case messages >= q.Messages:
		return &refusal{OverMessages, fmt.Sprintf("%d messages of this caller in the intake fill its quota: publish again after the ledger has processed messages", messages)}
	case bytes >= q.Bytes:
		return &refusal{OverBytes, fmt.Sprintf("%d bytes of this caller in the intake fill its quota: publish again after the ledger has processed messages", bytes)}
	case c.storing >= storingMax && (len(c.waiting) >= waitingMax-a.waiting || c.waitingBytes+m.Size() > waitingBytesMax-a.waitingBytes):
		return &refusal{OverWaiting, fmt.Sprintf("%d messages of this caller wait to be stored: wait for their acknowledgements, then publish again", len(c.waiting))}
	case !c.limiter.AllowN(now, 1):
		return &refusal{OverRate, fmt.Sprintf("this caller exceeds the rate of its token, %.0f messages a second: publish again later", float64(c.limiter.Limit()))}
	}
	return nil
}

// isIdle reports whether c equals a newly created state.
func (c *caller) isIdle(now time.Time) bool {
	return now.Sub(c.active) > idleAfter && c.storing == 0 && len(c.waiting) == 0 && c.stored.messages == 0 &&
		c.deadLetters.messages == 0 && c.refused == 0 && c.limiter.TokensAt(now) >= float64(c.limiter.Burst())
}

// logRefusals logs refused messages, at most once every refusalLogInterval.
func (c *caller) logRefusals(log *slog.Logger, now time.Time) {
	if c.refused == 0 || now.Sub(c.logged) < refusalLogInterval {
		return
	}
	log.Warn("intake messages are refused", "caller", c.name, "reason", c.refusal, "messages", c.refused)
	c.refused, c.logged = 0, now
}
