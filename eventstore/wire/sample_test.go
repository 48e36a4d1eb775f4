package wire

import (
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/domain"
)

// clientTypes are the commands that a gateway may send. allTypes also has the commands of the
// ledger itself.
var (
	allTypes    = domain.CommandTypes()
	clientTypes = slices.DeleteFunc(domain.CommandTypes(),
		func(kind string) bool { return !domain.ForClients(kind) })
	eventTypes = domain.EventTypes()
)

// some draws the value of a member: the zero value in one of three cases if the member is
// optional.
func some[T any](t *rapid.T, name string, f domain.Form, gen *rapid.Generator[T]) (v T) {
	if !f.Need && rapid.IntRange(0, 2).Draw(t, name+" left out") == 0 {
		return v
	}
	return gen.Draw(t, name)
}

var (
	anyText = rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9._-]{1,20}`),
		rapid.SampledFrom([]string{"é\u2028\"\\\n", "\x00\x1f", "𝕏<&>", strings.Repeat("x", 200)}))
	anyInstant = rapid.Custom(func(t *rapid.T) time.Time {
		seconds := rapid.Int64Range(-62135596800+1, 253402300799).Draw(t, "seconds")
		nanos := rapid.OneOf(rapid.Int64Range(0, 999_999_999),
			rapid.SampledFrom([]int64{0, 100_000_000, 120})).Draw(t, "nanos")
		return time.Unix(seconds, nanos).UTC()
	})
)

// filler is a Visitor that draws the value of every member.
type filler struct {
	t    *rapid.T
	path string
}

// parsed lists the members from which a fold reads a number, a day or an id. Any other
// text there is damage.
var parsed = map[string]*rapid.Generator[string]{
	"sharing": rapid.StringMatching(`[A-Za-z0-9._:-]{1,20}`),
	"usd":     rapid.StringMatching(`[1-9][0-9]{0,11}\.[0-9]{2}`),
	"day": rapid.Map(rapid.IntRange(0, 200_000), func(days int) string {
		return time.Unix(0, 0).UTC().AddDate(0, 0, days).Format(time.DateOnly)
	}),
}

func (v filler) Text(name string, at *string, f domain.Form) {
	text, ok := parsed[name]
	if !ok {
		text = anyText
	}
	*at = some(v.t, v.path+name, f, text)
}
func (v filler) Count(name string, at *int64, f domain.Form) {
	*at = some(v.t, v.path+name, f, rapid.Int64Range(0, f.CountMost()))
}
func (v filler) Flag(name string, at *bool, f domain.Form) {
	*at = some(v.t, v.path+name, f, rapid.Bool())
}
func (v filler) Instant(name string, at *time.Time, f domain.Form) {
	*at = some(v.t, v.path+name, f, anyInstant)
}
func (v filler) Instants(name string, at *[]time.Time) {
	*at = rapid.SliceOfN(anyInstant, 0, 3).Draw(v.t, v.path+name)
}
func (v filler) Texts(name string, at *[]string) {
	*at = rapid.SliceOfN(anyText, 0, 3).Draw(v.t, v.path+name)
}
func (v filler) Object(name string, at domain.Data, _ domain.Form) {
	at.Members(filler{v.t, v.path + name + "."})
}
func (v filler) List(name string, of domain.Items) {
	of.Clear()
	for i := range rapid.IntRange(0, 3).Draw(v.t, v.path+name) {
		of.Grow().Members(filler{v.t, fmt.Sprintf("%s%s[%d].", v.path, name, i)})
	}
}

func fill[D domain.Data](t *rapid.T, name string, d D) D {
	d.Members(filler{t, name + "."})
	return d
}

// drawCommand draws a command of a type. No rule checks its members.
func drawCommand(t *rapid.T, kind string) domain.Command {
	return domain.Command{
		Source: anyText.Draw(t, "source"), ID: anyText.Draw(t, "id"), Time: anyInstant.Draw(t, "time"),
		Stamped: rapid.Bool().Draw(t, "stamped"), Arrived: some(t, "arrived", domain.Free, anyInstant),
		Caller:   some(t, "caller", domain.Free, anyText),
		Backfill: rapid.Bool().Draw(t, "backfill"), Data: fill(t, "data", domain.NewCommandData(kind)),
	}
}

// drawRecord draws a record of a command type that the log can hold, without personal
// members.
func drawRecord(t *rapid.T, kind string) domain.Record {
	r := domain.Record{
		Seq:     rapid.Uint64Range(1, 1<<62).Draw(t, "seq"),
		Command: drawCommand(t, kind),
		Time:    anyInstant.Draw(t, "effective"), Late: rapid.Bool().Draw(t, "late"),
		Policy: anyText.Draw(t, "policy"),
		Status: rapid.SampledFrom([]domain.Status{domain.Accepted, domain.Refused}).Draw(t, "status"),
		Reason: domain.Reason(some(t, "reason", domain.Free, anyText)),
		Detail: some(t, "detail", domain.Free, anyText),
	}
	for range rapid.IntRange(1, 3).Draw(t, "entities") {
		r.Entities = append(r.Entities, domain.Entity(anyText.Draw(t, "entity")))
	}
	for range rapid.IntRange(1, 4).Draw(t, "events") {
		kind := rapid.SampledFrom(eventTypes).Filter(func(kind string) bool {
			return brings(kind, r.Command.Data.CommandType())
		}).Draw(t, "event")
		r.Events = append(r.Events, drawEvent(t, kind))
	}
	keepFitting(&r)
	if result := domain.NewResult(kind); result != nil && rapid.Bool().Draw(t, "has a result") {
		r.Result = fill(t, "result", result)
	}
	copy(r.Content[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "content"))
	if rapid.Bool().Draw(t, "sealed") {
		r.Personal = &domain.Sealed{
			Slot:       rapid.Uint32().Draw(t, "slot"),
			Nonce:      rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "nonce"),
			Ciphertext: rapid.SliceOfN(rapid.Byte(), 0, 99).Draw(t, "ciphertext"),
		}
	}
	if p := r.Personal; p != nil && p.Slot == 0 {
		p.KID = hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 1, 12).Draw(t, "kid"))
	}
	keepLasting(&r)
	return r
}

// drawEvent draws an event of a type, of the first entity of the record or of another.
func drawEvent(t *rapid.T, kind string) domain.Event {
	return domain.Event{
		At: anyInstant.Draw(t, "at"), Entity: domain.Entity(some(t, "whose", domain.Free, anyText)),
		Data: fill(t, kind, domain.NewEventData(kind)),
	}
}

// keepFitting sets the subject of the events of another command. Only events of the command
// itself may omit it.
func keepFitting(r *domain.Record) {
	for _, e := range r.Events {
		kind := r.Command.Data.CommandType()
		switch e := e.Data.(type) {
		case *domain.DeviceActivated:
			if kind != "device.activate" {
				e.Device, e.Method = "d-1", domain.Auto
			}
		case *domain.CodeRevoked:
			if kind != "code.revoke" {
				e.Code = "c-1"
			}
		case *domain.SharingCancelled:
			if !strings.HasPrefix(kind, "sharing.") {
				e.Sharing = "s-1"
			}
		}
	}
}

// keepLasting clears the members that the log does not store unsealed. It uses reflection and
// not the tested code.
func keepLasting(r *domain.Record) {
	data := reflect.ValueOf(r.Command.Data).Elem()
	names := []string{"IP", "UserAgent", "Note", "Secret"}
	if r.Unattributed() != nil && strings.HasPrefix(r.Command.Data.CommandType(), "login.") {
		names = append(names, "User")
	}
	if r.Command.Data.CommandType() == "person.introduce" {
		names = append(names, "Name")
	}
	for _, name := range names {
		if f := data.FieldByName(name); f.IsValid() {
			f.SetZero()
		}
	}
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 123456789, time.UTC)

// typical returns the most frequent record: a successful login.
func typical() domain.Record {
	c := domain.Command{
		Source: "gateway/portal", ID: "e-10", Time: noon, Caller: "portal",
		Data: &domain.LoginReport{User: "alice", Outcome: domain.Succeeded, Platform: "client_portal"},
	}
	return domain.Record{
		Seq: 1041, Entities: []domain.Entity{"user/alice"}, Command: c, Content: Content(&c, false),
		Time: noon, Policy: "ibkr-sls@1", Status: domain.Accepted, Result: &domain.LoginResult{Remaining: 10},
		Events: []domain.Event{{At: noon, Data: &domain.LoginSucceeded{}}},
	}
}

// locking returns a record with every optional member.
func locking() domain.Record {
	c := domain.Command{
		Source: "gateway/portal", ID: "e-11", Time: noon, Caller: "portal",
		Data: &domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_credentials", Platform: "tws",
			IP: "192.0.2.7", UserAgent: "TWS/966"},
	}
	until := noon.Add(24 * time.Hour)
	return domain.Record{
		Seq: 1042, Entities: []domain.Entity{"user/alice"}, Command: c, Content: Content(&c, false),
		Time: noon, Policy: "ibkr-sls@1", Status: domain.Accepted,
		Result: &domain.LoginResult{Locked: true, Until: until},
		Events: []domain.Event{
			{At: noon, Data: &domain.LoginFailed{Failures: 10, Reason: "bad_credentials"}},
			{At: noon, Data: &domain.LockoutStarted{Until: until}},
		},
		Personal: &domain.Sealed{KID: "000000010011223344556677", Nonce: make([]byte, 12),
			Ciphertext: make([]byte, 60)},
	}
}

func mustRead(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
