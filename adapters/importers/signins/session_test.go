package signins

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// became reads files of a gateway in order. It returns the result of each attempt by id, and the
// number of events that were passed over, by kind.
func became(t *testing.T, gateway string, files ...string) (attempts map[string]string, kinds map[Kind]int) {
	t.Helper()
	g, ok := Named(gateway)
	if !ok {
		t.Fatalf("gateway %s: got none, want one", gateway)
	}
	var readers []*Reader
	for _, file := range files {
		r, err := New(strings.NewReader(file), g, "")
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, r)
	}
	attempts, kinds = map[string]string{}, map[Kind]int{}
	for o := InOrder(readers...); ; {
		line, err := o.Next()
		switch {
		case errors.Is(err, io.EOF):
			return attempts, kinds
		case err != nil || line.Rejection != nil || line.Unmapped != "":
			t.Fatalf("line: got %+v, %v, want an attempt or an event to pass over", line, err)
		case line.PassedOver:
			kinds[line.Kind]++
		case len(line.Commands) == 1:
			attempts[line.Commands[0].ID] += string(line.Commands[0].Data.CommandType())
		}
	}
}

// keycloakEvent is an event at a second of the day.
func keycloakEvent(id, kind, session string, second int, details string) string {
	return fmt.Sprintf(
		`{"id":%q,"time":%d,"type":%q,"realmId":"main","sessionId":%q,"details":{"username":"ann"%s}}`,
		id, 1772464140000+int64(second)*1000, kind, session, details)
}

// Keycloak writes LOGIN for every application that a session signs in to. Keycloak checked a
// credential only for the first LOGIN, and for a later LOGIN whose members show it.
func TestKeycloak_SessionIsOneAttempt(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []string
		want   []string // ids of the attempts
		kinds  map[Kind]int
	}{
		{"single sign-on to another client", []string{
			keycloakEvent("a", "LOGIN", "s", 0, `,"auth_method":"openid-connect","response_mode":"query"`),
			keycloakEvent("b", "LOGIN", "s", 60, `,"auth_method":"openid-connect","response_mode":"fragment"`),
			keycloakEvent("c", "LOGIN", "s", 36_000, ``),
		}, []string{"a"}, map[Kind]int{SessionContinued: 2}},
		{"two events of one sign-in", []string{
			keycloakEvent("a", "LOGIN", "s", 0, ``), keycloakEvent("b", "LOGIN", "s", 0, ``),
		}, []string{"a"}, map[Kind]int{SessionContinued: 1}},
		{"one session each", []string{
			keycloakEvent("a", "LOGIN", "s", 0, ``), keycloakEvent("b", "LOGIN", "r", 60, ``),
		}, []string{"a", "b"}, nil},
		{"the same session id in another realm", []string{
			keycloakEvent("a", "LOGIN", "s", 0, ``),
			strings.Replace(keycloakEvent("b", "LOGIN", "s", 60, ``), `"main"`, `"other"`, 1),
		}, []string{"a", "b"}, nil},
		{"no session", []string{
			keycloakEvent("a", "LOGIN", "", 0, ``), keycloakEvent("b", "LOGIN", "", 60, ``),
		}, []string{"a", "b"}, nil},
		{"the session in code_id", []string{
			keycloakEvent("a", "LOGIN", "", 0, `,"code_id":"s"`),
			keycloakEvent("b", "LOGIN", "", 60, `,"code_id":"s"`),
		}, []string{"a"}, map[Kind]int{SessionContinued: 1}},
		{"a session that began before the file", []string{
			keycloakEvent("t", "REFRESH_TOKEN", "s", 0, ``), keycloakEvent("a", "LOGIN", "s", 60, ``),
			keycloakEvent("b", "LOGIN", "s", 70, ``),
		}, nil, map[Kind]int{SessionContinued: 2, OtherEvent: 1}},
		{"the token of the sign-in, by a slow clock", []string{
			keycloakEvent("t", "CODE_TO_TOKEN", "s", 0, ``), keycloakEvent("a", "LOGIN", "s", 2, ``),
		}, []string{"a"}, map[Kind]int{OtherEvent: 1}},
		{"an administrator who acts as the user", []string{
			keycloakEvent("i", "IMPERSONATE", "s", 0, ``), keycloakEvent("a", "LOGIN", "s", 1, ``),
		}, nil, map[Kind]int{SessionContinued: 1, OtherEvent: 1}},
		{"signed out, and in again", []string{
			keycloakEvent("a", "LOGIN", "s", 0, ``), keycloakEvent("o", "LOGOUT", "s", 60, ``),
			keycloakEvent("b", "LOGIN", "s", 90, ``), keycloakEvent("c", "LOGIN", "s", 95, ``),
		}, []string{"a", "b"}, map[Kind]int{SessionContinued: 1, OtherEvent: 1}},
		{"a code or a certificate in a session", []string{
			keycloakEvent("a", "LOGIN", "s", 0, ``),
			keycloakEvent("b", "LOGIN", "s", 60, `,"selected_credential_id":"7"`),
			keycloakEvent("c", "LOGIN", "s", 70, `,"x509_cert_serial_number":"7"`),
			keycloakEvent("d", "LOGIN", "s", 80, `,"grant_type":"password"`),
		}, []string{"a", "b", "c", "d"}, nil},
		{"a new key in a session", []string{
			keycloakEvent("a", "LOGIN", "s", 0, ``),
			keycloakEvent("b", "LOGIN", "s", 60,
				`,"public_key_credential_id":"7","custom_required_action":"webauthn-register"`),
			keycloakEvent("c", "LOGIN", "s", 70,
				`,"credential_type":"password","custom_required_action":"UPDATE_PASSWORD"`),
		}, []string{"a"}, map[Kind]int{SessionContinued: 2}},
		{"another provider", []string{
			keycloakEvent("a", "LOGIN", "s", 0, `,"identity_provider":"partner"`),
			keycloakEvent("b", "LOGIN", "s", 1, ``),
		}, nil, map[Kind]int{OtherProvider: 1, SessionContinued: 1}},
		{"another provider, and a code", []string{
			keycloakEvent("a", "LOGIN", "s", 0, `,"identity_provider":"partner","selected_credential_id":"7"`),
		}, []string{"a"}, nil},
		{"failures are attempts", []string{
			keycloakEvent("a", "LOGIN", "s", 0, ``),
			strings.Replace(keycloakEvent("b", "LOGIN_ERROR", "s", 60, ``), `"details"`,
				`"error":"invalid_user_credentials","details"`, 1),
		}, []string{"a", "b"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, order := range []string{"oldest first", "newest first"} {
				got, kinds := became(t, "keycloak", strings.Join(c.events, "\n"))
				if ids := slices.Sorted(maps.Keys(got)); !slices.Equal(ids, c.want) || !maps.Equal(kinds, c.kinds) {
					t.Errorf("%s: got attempts %q, passed over %v, want %q, %v", order, ids, kinds, c.want, c.kinds)
				}
				slices.Reverse(c.events)
			}
		})
	}
}

// A line that a file holds twice stays a duplicate: the ledger recognizes its id.
func TestKeycloak_RepeatedEventStartsItsSession(t *testing.T) {
	event := keycloakEvent("a", "LOGIN", "s", 0, ``)
	got, kinds := became(t, "keycloak", event+"\n"+event)
	if len(kinds) != 0 || got["a"] != "login.reportlogin.report" {
		t.Errorf("got attempts %v, passed over %v, want two reports of a and nothing passed over", got, kinds)
	}
}

// Files that are imported together share their sessions, in either order.
func TestInOrder_FilesShareTheirSessions(t *testing.T) {
	monday := keycloakEvent("a", "LOGIN", "s", 0, ``)
	tuesday := keycloakEvent("b", "LOGIN", "s", 86_400, ``)
	for _, files := range [][]string{{monday, tuesday}, {tuesday, monday}} {
		got, kinds := became(t, "keycloak", files...)
		if len(got) != 1 || got["a"] == "" || kinds[SessionContinued] != 1 {
			t.Errorf("got attempts %v, passed over %v, want 1 attempt and 1 continued session", got, kinds)
		}
	}
}

func TestInOrder_LinesAreNumberedInTheirFileAndInAll(t *testing.T) {
	g, _ := Named("keycloak")
	var readers []*Reader
	for _, file := range []string{"\n{\"type\":\"LOGOUT\"}", "[{},{}]"} {
		r, err := New(strings.NewReader(file), g, "")
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, r)
	}
	var got []string
	for o := InOrder(readers...); ; {
		line, err := o.Next()
		if err != nil {
			break
		}
		got = append(got, fmt.Sprint(line.File, line.Number, line.Ordinal, line.Element))
	}
	if want := []string{"0 1 1 false", "0 2 2 false", "1 1 3 true", "1 2 4 true"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSessionsAreBounded checks that an Order holds a limited number of sessions, among them the
// sessions in use.
func TestSessionsAreBounded(t *testing.T) {
	const most = 8
	s := newSessions(most)
	used := hashSession("main", "used")
	for n := range 1000 {
		mark := &sessionMark{use: sessionSignIn, session: hashSession("main", strconv.Itoa(n))}
		if s.continues(mark, strconv.Itoa(n)) {
			t.Fatalf("session %d: got a known session, want a new one", n)
		}
		again := s.continues(&sessionMark{use: sessionSignIn, session: used}, "used "+strconv.Itoa(n))
		if again != (n > 0) {
			t.Fatalf("session in use after %d other sessions: got continues %t, want %t", n, again, n > 0)
		}
		if len(s.recent) > most || len(s.older) > most {
			t.Fatalf("sessions in memory: got %d and %d, want at most %d each", len(s.recent), len(s.older), most)
		}
	}
	if s.continues(&sessionMark{use: sessionSignIn, session: hashSession("main", "0")}, "again") {
		t.Error("first session after 1000 others: got it known, want it dropped")
	}
}
