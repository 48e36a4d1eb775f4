package sshd_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// A shape writes one message of sshd as a line of a log.
type shape struct {
	name string
	line func(message string) string
	at   string // RFC 3339, "" for 13:08:09 in Zurich
}

// before is the shape of lines that start with a prefix.
func before(prefix string) func(string) string {
	return func(message string) string { return prefix + message }
}

// quoted writes a message as a JSON string without its quotes.
func quoted(message string) string {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err) // a string is always valid
	}
	return string(text[1 : len(text)-1])
}

func within(head, tail string) func(string) string {
	return func(message string) string { return head + quoted(message) + tail }
}

func withinXML(head, tail string) func(string) string {
	return func(message string) string {
		var escaped strings.Builder
		if err := xml.EscapeText(&escaped, []byte(message)); err != nil {
			panic(err) // a strings.Builder never fails
		}
		return head + escaped.String() + tail
	}
}

const (
	second = "2024-03-27T12:08:09Z"
	micros = "2024-03-27T12:08:09.123456Z"
	millis = "2024-03-27T12:08:09.123Z"
	nanos  = "2024-03-27T12:08:09.123456789Z"
)

var shapes = []shape{
	{"rfc 3164", before("Mar 27 13:08:09 host1 sshd[101]: "), second},
	{"rfc 3164, session", before("Mar 27 13:08:09 host1 sshd-session[101]: "), second},
	{"rfc 3164, auth", before("Mar 27 13:08:09 host1 sshd-auth[101]: "), second},
	{"rfc 3164 with priority", before("<38>Mar 27 13:08:09 host1 sshd[101]: "), second},
	{"no host", before("Mar 27 13:08:09 sshd[101]: "), second},
	{"no pid", before("Mar 27 13:08:09 host1 sshd: "), second},
	{"no host, no pid", before("Mar 27 13:08:09 sshd: "), second},
	{"two blanks after the tag", before("Mar 27 13:08:09 host1 sshd[101]:  "), second},
	{"no blank after the tag", before("Mar 27 13:08:09 host1 sshd[101]:"), second},
	{"path of the program", before("Mar 27 13:08:09 host1 /usr/sbin/sshd[101]: "), second},
	{"metalog", before("Mar 27 13:08:09 [sshd] "), second},
	{"byte order mark", before("\xef\xbb\xbfMar 27 13:08:09 host1 sshd[101]: "), second},

	{"freebsd facility", before("Mar 27 13:08:09 <auth.info> host1 sshd[101]: "), second},
	{"freebsd numeric facility", before("Mar 27 13:08:09 <4.6> host1 sshd[101]: "), second},
	{"solaris message id", before("Mar 27 13:08:09 host1 sshd[101]: [ID 800047 auth.info] "), second},
	{"busybox facility", before("Mar 27 13:08:09 host1 auth.info sshd[101]: "), second},
	{"openwrt logread", before("Wed Mar 27 13:08:09 2024 auth.info sshd[101]: "), second},
	{"aix facility", before("Mar 27 13:08:09 host1 auth|security:info sshd[101]: "), second},
	{"aix forwarded", before("Mar 27 13:08:09 Message forwarded from host1: sshd[101]: "), second},
	{"macos level", before("Mar 27 13:08:09 host1 sshd[101] <Info>: "), second},

	{"rfc 5424", before("<38>1 2024-03-27T13:08:09.123456+01:00 host1 sshd 101 - - "), micros},
	{"rfc 5424 without priority", before("1 2024-03-27T13:08:09.123456+01:00 host1 sshd 101 - - "), micros},
	{"rfc 5424 without priority and version",
		before("2024-03-27T13:08:09.123456+01:00 host1 sshd 101 - - "), micros},
	{"rfc 5424 without host and pid", before("<38>1 2024-03-27T12:08:09Z - sshd - - - "), second},
	{"rfc 5424 with structured data",
		before(`<38>1 2024-03-27T12:08:09Z host1 sshd 101 ID47 [origin ip="192.0.2.1" x="a\"]b"][meta n="1"] `),
		second},
	{"rfc 5424 with byte order mark",
		before("<38>1 2024-03-27T12:08:09Z host1 sshd 101 - - \xef\xbb\xbf"), second},

	{"iso", before("2024-03-27T13:08:09+01:00 host1 sshd[101]: "), second},
	{"iso with priority", before("<38>2024-03-27T13:08:09+01:00 host1 sshd[101]: "), second},
	{"iso, offset west", before("2024-03-27T08:38:09.123-03:30 host1 sshd[101]: "), millis},
	{"iso, short offset", before("2024-03-27T13:08:09+01 host1 sshd[101]: "), second},
	{"iso, no offset", before("2024-03-27T13:08:09 host1 sshd[101]: "), second},
	{"iso, lower case", before("2024-03-27t12:08:09z host1 sshd[101]: "), second},
	{"iso, blank and comma", before("2024-03-27 13:08:09,123 host1 sshd[101]: "), millis},
	{"iso, blank and offset after a blank", before("2024-03-27 13:08:09 +0100 host1 sshd[101]: "), second},
	{"slashes in the date", before("2024/03/27 13:08:09 host1 sshd[101]: "), second},
	{"comma fraction", before("Mar 27 13:08:09,123 host1 sshd[101]: "), millis},
	{"fraction of nine digits", before("Mar 27 13:08:09.123456789 host1 sshd[101]: "), nanos},
	{"year after the day", before("Mar 27 2024 13:08:09 host1 sshd[101]: "), second},
	{"year after the time", before("Mar 27 13:08:09 2024 host1 sshd[101]: "), second},
	{"year before the month", before("2024 Mar 27 13:08:09 host1 sshd[101]: "), second},
	{"ctime with zone", before("Wed Mar 27 12:08:09 UTC 2024 host1 sshd[101]: "), second},
	{"weekday", before("Wed Mar 27 13:08:09 host1 sshd[101]: "), second},
	{"unix time", before("1711541289 host1 sshd[101]: "), second},
	{"multilog", before("@4000000066040c33075bcd15 "), nanos},
	{"s6-log", before("2024-03-27 13:08:09.123456789  "), nanos},

	{"journal short", before("Mar 27 13:08:09 host1 sshd[101]: "), second},
	{"journal short-iso", before("2024-03-27T13:08:09+0100 host1 sshd[101]: "), second},
	{"journal short-iso-precise", before("2024-03-27T13:08:09.123456+0100 host1 sshd[101]: "), micros},
	{"journal short-precise", before("Mar 27 13:08:09.123456 host1 sshd[101]: "), micros},
	{"journal short-full", before("Wed 2024-03-27 13:08:09 CET host1 sshd[101]: "), second},
	{"journal short-full in UTC", before("Wed 2024-03-27 12:08:09 UTC host1 sshd[101]: "), second},
	{"journal short-unix", before("1711541289.123456 host1 sshd[101]: "), micros},
	{"journal with-unit", before("Wed 2024-03-27 13:08:09 CET host1 ssh.service[101]: "), second},
	{"journal with-unit of a socket",
		before("Wed 2024-03-27 13:08:09 CET host1 sshd@7-192.0.2.1:22-192.0.2.7:50022.service[101]: "), second},
	{"journal json",
		within(`{"_PID":"101","__REALTIME_TIMESTAMP":"1711541289123456","SYSLOG_IDENTIFIER":"sshd",`+
			`"_HOSTNAME":"host1","MESSAGE":"`, `"}`), micros},
	{"journal json-seq",
		within("\x1e"+`{"MESSAGE":"`, `","__REALTIME_TIMESTAMP":"1711541289123456","_COMM":"sshd-session"}`),
		micros},
	{"journal json-sse",
		within(`data: {"MESSAGE":"`, `","__REALTIME_TIMESTAMP":"1711541289123456","SYSLOG_IDENTIFIER":"sshd"}`),
		micros},
	{"journal json, bytes", journalBytes, micros},

	{"docker json-file", within(`{"log":"`, `\r\n","stream":"stderr","time":"2024-03-27T12:08:09.123456789Z"}`),
		nanos},
	{"docker json-file of a syslog daemon",
		within(`{"log":"Mar  1 01:01:01 c1 sshd[101]: `,
			`\n","stream":"stdout","attrs":{"a":"b"},"time":"2024-03-27T12:08:09.123456789Z"}`), nanos},
	{"cri", before("2024-03-27T13:08:09.123456789+01:00 stderr F "), nanos},
	{"cri of a syslog daemon",
		before("2024-03-27T13:08:09.123456789+01:00 stdout F Mar 27 13:08:09 c1 sshd[101]: "), nanos},
	{"docker logs -t", before("2024-03-27T12:08:09.123456789Z "), nanos},

	{"windows log", before("101 2024-03-27 13:08:09.123 "), millis},
	{"windows log with tag", before("4294967295 2024-03-27 13:08:09.123 sshd: "), millis},
	{"windows event",
		withinXML(`<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>`+
			`<Provider Name='OpenSSH' Guid='{c4b57d35-0636-4bc3-a262-370f249f9802}'/><EventID>4</EventID>`+
			`<TimeCreated SystemTime='2024-03-27T12:08:09.1234560Z'/><Execution ProcessID='101' ThreadID='1'/>`+
			`<Channel>OpenSSH/Operational</Channel><Computer>host1</Computer></System><EventData>`+
			`<Data Name='process'>sshd.exe</Data><Data Name='payload'>`, `</Data></EventData></Event>`), micros},
}

// journalBytes writes a message as the journal does if it is not UTF-8.
func journalBytes(message string) string {
	numbers := strings.Trim(strings.ReplaceAll(fmt.Sprint([]byte(message)), " ", ","), "[]")
	return `{"MESSAGE":[` + numbers +
		`],"__REALTIME_TIMESTAMP":"1711541289123456","SYSLOG_IDENTIFIER":"sshd","_PID":"101"}`
}

// A saying is a message of sshd and its meaning.
type saying struct {
	message string
	times   int // attempts, 0 for none
	outcome domain.Outcome
	reason  string
	user    string
}

const peer = " from 192.0.2.7 port 50022 ssh2"

var sayings = []saying{
	{"Failed password for alice" + peer, 1, "failed", "bad_credentials", "alice"},
	{"Failed keyboard-interactive for alice" + peer, 1, "failed", "bad_credentials", "alice"},
	{"Failed keyboard-interactive/pam for alice" + peer + " [preauth]", 1, "failed", "bad_credentials", "alice"},
	{"Failed challenge-response for alice from 192.0.2.7 port 50022", 1, "failed", "bad_credentials", "alice"},
	{"Failed publickey for alice" + peer + ": ED25519 SHA256:q83vEjRWeJASNFZ4mrze8BI0Vni", 1, "failed",
		"method_rejected", "alice"},
	{"Failed none for alice" + peer, 1, "failed", "method_rejected", "alice"},
	{"Failed hostbased for alice" + peer + `: RSA SHA256:q83v, client user "alice", client host "<h&1>"`, 1,
		"failed", "method_rejected", "alice"},
	{"Failed gssapi-with-mic for alice" + peer, 1, "failed", "method_rejected", "alice"},
	{"Failed passwords for alice" + peer, 1, "failed", "method_rejected", "alice"},
	{"Failed password for invalid user bob" + peer, 1, "failed", "unknown_user", "bob"},
	{"Failed password for illegal user bob" + peer, 1, "failed", "unknown_user", "bob"},
	{"Failed publickey for invalid user bob" + peer, 1, "failed", "unknown_user", "bob"},
	{"Failed keyboard-interactive for <invalid username>" + peer, 1, "failed", "unknown_user",
		"<invalid username>"},
	{"Accepted password for alice" + peer, 1, "succeeded", "", "alice"},
	{"Accepted publickey for alice" + peer + ": ED25519 SHA256:q83vEjRWeJASNFZ4mrze8BI0Vni", 1, "succeeded",
		"", "alice"},
	{"error: PAM: Authentication failure for alice from 192.0.2.7", 1, "failed", "bad_credentials", "alice"},
	{"error: PAM: User not known to the underlying authentication module for illegal user bob from 192.0.2.7 ",
		1, "failed", "unknown_user", "bob"},
	{"error: PAM: authentication error for alice from 192.0.2.7 via 10.0.0.1", 1, "failed",
		"bad_credentials", "alice"},
	{"error: PAM: Have exhausted maximum number of retries for service for alice from 192.0.2.7 [preauth]",
		1, "failed", "bad_credentials", "alice"},
	{"error: PAM: Authentication failure for illegal user root from 10.9.9.9 for x from 192.0.2.7", 1, "failed",
		"unknown_user", "root from 10.9.9.9 for x"},
	{"message repeated 3 times: [ Failed password for alice" + peer + "]", 3, "failed",
		"bad_credentials", "alice"},
	{"message repeated 2 times: [ error: PAM: Authentication failure for alice from 192.0.2.7]", 2, "failed",
		"bad_credentials", "alice"},

	{message: "Postponed publickey for alice" + peer + " [preauth]"},
	{message: "Partial publickey for alice" + peer + ": ED25519 SHA256:q83v"},
	{message: "Invalid user bob from 192.0.2.7 port 50022"},
	{message: "Connection closed by authenticating user alice 192.0.2.7 port 50022 [preauth]"},
	{message: "error: maximum authentication attempts exceeded for alice" + peer + " [preauth]"},
	{message: "error: PAM: User account has expired"},
	{message: "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= " +
		"rhost=192.0.2.7  user=alice"},
}

func zurich(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
