package sshd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// Every message gives the same result after every prefix.
func TestEveryPrefixWithEveryMessage(t *testing.T) {
	zone := zurich(t)
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			for _, say := range sayings {
				text := shape.line(say.message)
				line, err := open(t, strings.NewReader(text+"\n"), 2024, zone).Next()
				if err != nil {
					t.Fatal(err)
				}
				if line.Rejection != nil || len(line.Commands) != say.times {
					t.Errorf("%s: got %d attempts, rejection %v, want %d attempts", text, len(line.Commands),
						line.Rejection, say.times)
					continue
				}
				for i, c := range line.Commands {
					checkSaying(t, text, c, i+1, say, shape.at)
				}
			}
		})
	}
}

func checkSaying(t *testing.T, text string, c domain.Command, repetition int, want saying, at string) {
	t.Helper()
	if got := c.Time.Format(time.RFC3339Nano); got != at {
		t.Errorf("%s: got time %s, want %s", text, got, at)
	}
	if id := fmt.Sprintf("1.%d", repetition); c.ID != id {
		t.Errorf("%s: got id %s, want %s", text, c.ID, id)
	}
	got := *c.Data.(*domain.LoginReport)
	if want := (domain.LoginReport{User: want.user, Outcome: want.outcome, Reason: want.reason,
		IP: "192.0.2.7"}); got != want {
		t.Errorf("%s:\ngot  %+v\nwant %+v", text, got, want)
	}
}

// An attempt whose prefix can't be read is rejected, and any other line is
// skipped.
func TestUnreadPrefix_IsRejected(t *testing.T) {
	for _, c := range []struct {
		field string
		line  func(string) string
	}{
		{"time", before("")},
		{"time", before("sshd[101]: ")},
		{"time", before("[ 1234.567890] host1 sshd[101]: ")},
		{"time", before("27/Mar/2024:13:08:09 +0100 host1 sshd[101]: ")},
		{"time", before("03/27/2024 13:08:09 host1 sshd[101]: ")},
		{"time", before("2024-03-27T13:08 host1 sshd[101]: ")},
		{"time", before("2024-03-27,13:08:09,host1,sshd,101,")},
		{"time", before("<38>1 - host1 sshd 101 - - ")},
		{"time", before("    MESSAGE=")},
		{"time", before("sshd-1  | ")},
		{"time", within(`        "MESSAGE" : "`, `",`)},
		{"time", within(`{"@timestamp":"2024-03-27T12:08:09Z","message":"`, `"}`)},
		{"time",
			within(`[{"__REALTIME_TIMESTAMP":"1711541289123456","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"`, `"}]`)},
		{"time", within(`{"__REALTIME_TIMESTAMP":"1711541289123456","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"`, `"`)},
		{"time",
			within(`{"__REALTIME_TIMESTAMP":"1","__REALTIME_TIMESTAMP":"2","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"`,
				`"}`)},
		{"time", within(`{"log":"`, `\n","stream":"stderr"}`)},
		{"time", within(`<Event><System><Provider Name='OpenSSH'/></System><EventData><Data Name='payload'>`,
			`</Data></EventData></Event>`)},
		{"prefix",
			within(`{"__REALTIME_TIMESTAMP":"1711541289123456","SYSLOG_IDENTIFIER":"sshd","MESSAGE":["`, `","x"]}`)},
		{"prefix", before("Mar 27 13:08:09 10.0.0.1 host1 sshd[101]: ")},
		{"prefix", before("Mar 27 13:08:09 host1 ")},
		{"prefix", before("Mar 27 13:08:09 ")},
		{"prefix", before("Mar 27 13:08:09 host1 sshd 101 ")},
		{"prefix", before("Mar 27 13:08:09 host1 sshd[101]: [auth.info] ")},
		{"prefix", before("Mar 27 13:08:09 host1 sshd[101]: (libpam) ")},
		{"prefix", before("Mar 27 13:08:09 host1 sshd[101]: Mar 27 13:08:09 host2 sshd[101]: ")},
		{"prefix", before("Mar 27 13:08:09 host1 sshd[101]: info: ")},
		{"prefix", within(`2024-03-27 13:08:09 +0100 sshd: {"message":"`, `"}`)},
		{"prefix", before("2024-03-27T12:08:09.123456789Z stderr P ")},
		{"prefix", before("2024-03-27T12:08:09.123456789Z stderr F host1 sshd[101]: ")},
		{"program", before("Mar 27 13:08:09 host1 sshd[x]: ")},
		{"program", before("Mar 27 13:08:09 host1 sshd-2222[101]: ")},
		{"program", before("Mar 27 13:08:09 host1 0123456789ab[101]: ")},
		{"program", before("Mar 27 13:08:09 host1: sshd[101]: ")},
		{"program", before("Mar 27 13:08:09 relay forwarder[7]: Mar 27 13:08:09 host1 sshd[101]: ")},
		{"program", within(`2024-03-27 13:08:09 +0100 docker.0123: {"log":"`, `\n"}`)},
		{"program", before("Wed 2024-03-27 13:08:09 CET host1 session-3.scope[101]: ")},
		{"program",
			within(`{"__REALTIME_TIMESTAMP":"1711541289123456","SYSLOG_IDENTIFIER":"0123456789ab",`+
				`"CONTAINER_NAME":"x","MESSAGE":"`, `"}`)},
		{"line", utf16le},
	} {
		for _, say := range sayings {
			if strings.HasPrefix(say.message, "message repeated") {
				continue
			}
			text := c.line(say.message)
			line, err := open(t, strings.NewReader(text+"\n"), 2024, zurich(t)).Next()
			if err != nil || len(line.Commands) > 0 {
				t.Fatalf("%q: got %d attempts, error %v, want none", text, len(line.Commands), err)
			}
			if say.times > 0 && (line.Rejection == nil || line.Rejection.Field != c.field) {
				t.Errorf("%q: got rejection %v, want one of the field %s", text, line.Rejection, c.field)
			}
			if say.times == 0 && line.Rejection != nil {
				t.Errorf("%q: got rejection %v, want none", text, line.Rejection)
			}
		}
	}
}

// utf16le writes ASCII text as PowerShell redirects it.
func utf16le(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for i := range len(text) {
		b.WriteByte(text[i])
		b.WriteByte(0)
	}
	return b.String()
}

// Programs quote messages of sshd, and clients imitate them. Neither makes an
// attempt.
func TestQuotedAttemptIsNoAttempt(t *testing.T) {
	for _, text := range []string{
		"Mar 27 13:08:09 host1 sshd[101]: Invalid user Failed password for alice from 10.9.9.9 port 1 from " +
			"192.0.2.7 port 50022",
		"Mar 27 13:08:09 host1 sudo: bob : COMMAND=/bin/grep Failed password for alice" + peer + " auth.log",
		"Mar 27 13:08:09 host1 sudo: bob : COMMAND=/usr/bin/logger sshd[1]: Accepted password for alice" + peer,
		"Mar 27 13:08:09 host1 CRON[7]: (root) CMD (grep 'Failed password for alice" + peer + "' auth.log)",
		"Mar 27 13:08:09 host1 sshd[101]: Failed sshd[1]: Accepted password for alice" + peer,
		"2024-03-27T12:08:09.123456789Z stderr F Failed sshd[1]: Accepted password for alice" + peer,
		"2024-03-27T12:08:09Z Failed sshd[1]: Accepted password for alice" + peer,
		"101 2024-03-27 13:08:09.123 Failed sshd[1]: Accepted password for alice" + peer,
		"1711541289 Failed sshd[1]: Accepted password for alice" + peer,
	} {
		line, err := open(t, strings.NewReader(text+"\n"), 2024, zurich(t)).Next()
		if err != nil || len(line.Commands) > 0 || strings.HasPrefix(text, "Mar 27") && line.Rejection != nil {
			t.Errorf("%q: got %d attempts, rejection %v, error %v, want none", text, len(line.Commands),
				line.Rejection, err)
		}
	}
}

func TestZoneAbbreviations(t *testing.T) {
	for _, c := range []struct{ stamp, want string }{
		{"Sun 2024-10-27 02:30:00 CEST", "2024-10-27T00:30:00Z"},
		{"Sun 2024-10-27 02:30:00 CET", "2024-10-27T01:30:00Z"},
		{"Sun Oct 27 02:30:00 CET 2024", "2024-10-27T01:30:00Z"},
		{"Wed 2024-03-27 13:08:09 CEST", "time"}, // summer time had not begun
		{"Wed 2024-03-27 13:08:09 EST", "time"},
		{"Wed 2024-02-30 13:08:09 UTC", "time"},
		{"2024-02-29T25:00:00Z", "time"},
		{"2024-02-29T00:00:00+24:00", "time"},
		{"0000-02-29T00:00:00Z", "time"},
		{"1969-12-31T23:00:00", "time"},
		{"@00000000000000000000000000", "time"},
	} {
		line, err := open(t, strings.NewReader(c.stamp+login), 2024, zurich(t)).Next()
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if line.Rejection != nil {
			got = line.Rejection.Field
		} else if len(line.Commands) == 1 {
			got = line.Commands[0].Time.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.stamp, got, line.Rejection, c.want)
		}
	}
}
