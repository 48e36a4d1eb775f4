package wire

//go:generate go test . -run Golden -update

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"authledger/domain"
)

// asRead compares records as values. Differences that the text does not store count as
// equal.
var asRead = cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(domain.Policy{})}

func TestRecord_RoundTrip(t *testing.T) {
	for _, kind := range allTypes {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want := drawRecord(t, kind)
				text := AppendRecord([]byte("before"), &want)
				text = bytes.TrimPrefix(text, []byte("before"))
				got, err := ReadRecord(text)
				if err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				if diff := cmp.Diff(want, got, asRead); diff != "" {
					t.Fatalf("(-written +read)\n%s", diff)
				}
				if again := AppendRecord(nil, &got); !bytes.Equal(again, text) {
					t.Fatalf("text after a round trip: got\n%s\nwant\n%s", again, text)
				}
			})
		})
	}
}

// TestRecord_TokenizerAgrees checks that the reader of records and the tokenizer agree
// on every text that the reader of records accepts.
func TestRecord_TokenizerAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(allTypes).Draw(t, "type")
		want := drawRecord(t, kind).Command.Data
		w := writer{stored: true, part: lasting} // without a required member that is sealed
		w.object(want)
		text := w.b
		tokenized, canonical := domain.NewCommandData(kind), domain.NewCommandData(kind)
		r := borrow(text)
		defer r.release()
		r.object(tokenized)
		if r.syntax != nil || r.unknown != nil || r.missing != nil && r.missing.Field != "secret" {
			t.Fatalf("read: got errors %v, %v, %v, want none\n%s", r.syntax, r.unknown, r.missing, text)
		}
		var c canon
		if err := c.read(text, canonical); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(want, canonical, asRead); diff != "" {
			t.Fatalf("(-written +read)\n%s", diff)
		}
		if r.bad == nil && !cmp.Equal(tokenized, canonical, asRead) {
			t.Fatalf("(-tokenizer +canon)\n%s", cmp.Diff(tokenized, canonical, asRead))
		}
	})
}

// TestRecord_PersonalMembers checks that the unsealed record does not depend on the
// personal members.
func TestRecord_PersonalMembers(t *testing.T) {
	for _, kind := range []string{"login.begin", "login.report", "sharing.review", "person.introduce"} {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				r := drawRecord(t, kind)
				bare := AppendRecord(nil, &r)
				hash := Content(&r.Command, r.Unattributed() != nil)
				secret := "zq" + rapid.StringMatching(`[XYZ]{20}`).Draw(t, "secret")
				switch d := r.Command.Data.(type) {
				case *domain.LoginBegin:
					d.IP, d.UserAgent = secret, secret
				case *domain.LoginReport:
					d.IP, d.UserAgent = secret, secret
				case *domain.SharingReview:
					d.Note = secret
				case *domain.PersonIntroduce:
					d.Name = secret
				}
				if got := AppendRecord(nil, &r); !bytes.Equal(got, bare) {
					t.Fatalf("record with personal members: got\n%s\nwant\n%s", got, bare)
				}
				if Content(&r.Command, r.Unattributed() != nil) != hash {
					t.Fatalf("content with personal members: got another hash, want %x", hash)
				}
				if sealed := Personal(&r.Command, false); !strings.Contains(string(sealed), secret) {
					t.Fatalf("sealed members: got %s, want %s in them", sealed, secret)
				}
			})
		})
	}
}

// TestReadRecord_OtherTexts checks that a text with the same meaning as a record, in a
// form that the writer does not write, is rejected.
func TestReadRecord_OtherTexts(t *testing.T) {
	r := locking()
	good := string(AppendRecord(nil, &r))
	const data = `,"data":{"user":"alice","outcome":"failed","reason":"bad_credentials","platform":"tws"}`
	replace := func(old, with string) func() string {
		return func() string {
			if strings.Count(good, old) == 0 {
				panic("no " + old)
			}
			return strings.Replace(good, old, with, 1)
		}
	}
	for name, text := range map[string]func() string{
		"nothing":                   func() string { return "" },
		"null":                      func() string { return "null" },
		"half":                      func() string { return good[:len(good)/2] },
		"something behind":          func() string { return good + " " },
		"a blank":                   replace(`{"seq"`, `{ "seq"`),
		"a member twice":            replace(`"late":false`, `"late":false,"late":false`),
		"an unknown member":         replace(`"late":false`, `"late":false,"later":true`),
		"another order":             replace(`"late":false,"backfill":false`, `"backfill":false,"late":false`),
		"another case":              replace(`"late"`, `"Late"`),
		"null for a text":           replace(`"policy":"ibkr-sls@1"`, `"policy":null`),
		"a missing policy":          replace(`"policy":"ibkr-sls@1",`, ``),
		"a missing time":            replace(`"time":"2026-03-02T12:00:00.123456789Z","late"`, `"late"`),
		"a missing data":            replace(data, ``),
		"no entity":                 replace(`["user/alice"]`, `[]`),
		"no entities":               replace(`"entities":["user/alice"],`, ``),
		"no events":                 func() string { return good[:strings.Index(good, `,"events"`)] + "}" },
		"an empty event":            replace(`{"type":"login.failed","v":1,`, `{`),
		"an unknown event":          replace(`login.failed`, `login.fooled`),
		"a newer event":             replace(`"v":1`, `"v":2`),
		"an unknown command":        replace(`login.report`, `login.retort`),
		"a clear address":           replace(`"platform":"tws"`, `"platform":"tws","ip":"192.0.2.7"`),
		"an unknown status":         replace(`"status":"accepted"`, `"status":"invalid"`),
		"a zero that says nothing":  replace(`"caller":"portal"`, `"caller":""`),
		"a leading zero":            replace(`"seq":1042`, `"seq":01042`),
		"a negative count":          replace(`"failures":10`, `"failures":-10`),
		"a fraction":                replace(`"failures":10`, `"failures":10.0`),
		"a count beyond all bounds": replace(`"failures":10`, `"failures":99999999999`),
		"an escape without need":    replace(`"portal"`, `"\u0070ortal"`),
		"a bad escape":              replace(`"portal"`, `"\q"`),
		"a lone surrogate":          replace(`"portal"`, `"\ud800"`),
		"bad UTF-8":                 replace(`"portal"`, "\"p\xff\""),
		"a control character":       replace(`"portal"`, "\"p\x01\""),
		"an offset":                 replace(`00.123456789Z`, `00.123456789+00:00`),
		"trailing zeros of a time":  replace(`00.123456789Z`, `00.120Z`),
		"a hash that is short":      replace(`"hash":"`, `"hash":"","x":"`),
		"a hash that is long":       replace(`"hash":"`, `"hash":"abcdef`),
		"a hash in capitals": func() string {
			i := strings.Index(good, `"hash":"`) + 8
			return good[:i] + strings.ToUpper(good[i:i+64]) + good[i+64:]
		},
		"a hash that is no hex": func() string {
			i := strings.Index(good, `"hash":"`) + 8
			return good[:i] + "zz" + good[i+2:]
		},
		"a nameless key":        replace(`"kid":"000000010011223344556677"`, `"kid":""`),
		"two keys":              replace(`"kid":"000000010011223344556677"`, `"kid":"00","slot":1`),
		"slot 0":                replace(`"kid":"000000010011223344556677"`, `"slot":0`),
		"a slot beyond 32 bits": replace(`"kid":"000000010011223344556677"`, `"slot":4294967296`),
		"bad base64":            replace(`"nonce":"AAAAAAAAAAAAAAAA"`, `"nonce":"A"`),
		"base64 over two lines": replace(`"nonce":"AAAAAAAAAAAAAAAA"`, `"nonce":"AAAAAAAA\nAAAAAAAA"`),
		"the tokenless list":    replace(`["user/alice"]`, `["user/alice",]`),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadRecord([]byte(text()))
			if err == nil {
				t.Errorf("got %+v, want an error", got)
			}
		})
	}
}

// TestReadRecord_UnattributedName checks that the name of an unattributed attempt is
// never stored unsealed.
func TestReadRecord_UnattributedName(t *testing.T) {
	r := typical()
	r.Command.Data = &domain.LoginReport{User: "hunter2!", Outcome: domain.Failed, Reason: "bad_credentials"}
	r.Events = []domain.Event{{At: noon,
		Data: &domain.LoginUnattributed{Reason: "invalid_character", Position: 8, Character: "!"}}}
	r.Result = nil
	text := AppendRecord(nil, &r)
	if bytes.Contains(text, []byte("hunter2")) {
		t.Fatalf("record: got the invalid name, want none: %s", text)
	}
	if _, err := ReadRecord(text); err != nil {
		t.Fatal(err)
	}
	named := bytes.Replace(text, []byte(`"data":{`), []byte(`"data":{"user":"hunter2!",`), 1)
	if _, err := ReadRecord(named); err == nil {
		t.Error("ReadRecord of a record with the name: got nil, want an error")
	}
}

// TestReadRecord_EventOfOtherCommand checks that an event whose fold reads its command
// is rejected with any other command.
func TestReadRecord_EventOfOtherCommand(t *testing.T) {
	r := typical() // a report
	for _, e := range []domain.EventData{&domain.LoginStarted{Until: noon}, &domain.IdentityRecorded{}} {
		r.Events = []domain.Event{{At: noon, Data: e}}
		if _, err := ReadRecord(AppendRecord(nil, &r)); err == nil {
			t.Errorf("event %s of command %s: got nil, want an error", e.EventType(),
				r.Command.Data.CommandType())
		}
	}
}

// TestReadRecord_FlippedBits checks that a damaged record is rejected or has one text,
// and that reading never panics.
func TestReadRecord_FlippedBits(t *testing.T) {
	r := locking()
	good := AppendRecord(nil, &r)
	for i := range len(good) * 8 {
		text := bytes.Clone(good)
		text[i/8] ^= 1 << (i % 8)
		back, err := ReadRecord(text)
		if err == nil && !bytes.Equal(AppendRecord(nil, &back), text) {
			t.Fatalf("bit %d: got another text after a round trip, want the same:\n%s", i, text)
		}
	}
}
