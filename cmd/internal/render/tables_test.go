package render

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"
)

var update = flag.Bool("update", false, "write the tables in testdata anew: read the difference")

const asOfText = `"asOf":{"seq":4096,"time":"2026-03-02T15:04:05.678Z"}`

// answers holds an answer of each operation that has a table.
var answers = map[string]string{
	"tokens": `{"tokens":[{"name":"desk","role":"support","source":"support/desk",` +
		`"persons":["agent.ann","agent.bo"],"made":"2026-03-01T15:09:00Z","expires":"2026-06-01T15:09:00Z",` +
		`"rate":10000},{"name":"portal","role":"gateway","source":"gateway/portal-europe-1",` +
		`"made":"2026-03-01T15:09:00Z","expires":"2026-06-01T15:09:00Z","rate":5,` +
		`"nkey":"UA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCTYM5"}],"more":true,"next":"n-1",` +
		asOfText + `}`,
	"users": `{"items":[{"user":"alice","locked":true,"until":"2026-03-03T15:09:00Z","devices":2,` +
		`"lastActive":"2026-03-02T15:09:00Z","seq":1},{"user":"bob","locked":false,"devices":0,` +
		`"lastActive":"2026-03-01T15:09:00Z","seq":2}],"next":"n-1","more":true,` + asOfText + `}`,
	"all-devices": `{"items":[{"user":"alice","device":"d-1","label":"red card",` +
		`"class":"digital_security_card","state":"active","since":"2026-03-01T15:09:00Z",` +
		`"method":"portal","seq":17}],` + asOfText + `}`,
	"all-codes": `{"items":[{"user":"alice","code":"c-1","kind":"temp_passcode","state":"live",` +
		`"issued":"2026-03-01T15:09:00Z","until":"2026-03-03T15:09:00Z","seq":18}],` + asOfText + `}`,
	"all-sharings": `{"items":[{"sharing":"sh-1","requester":"bob","owner":"alice","device":"d-1",` +
		`"label":"red card","class":"digital_security_card","state":"pending",` +
		`"since":"2026-03-01T15:09:00Z","seq":19}],` + asOfText + `}`,
	"all-withdrawals": `{"items":[{"account":"U1234567","withdrawal":"w-1","state":"denied",` +
		`"class":"ibkr_mobile","day":"2026-03-02","amount":"1200000.00","currency":"EUR",` +
		`"usd":"1300000.00","user":"alice","device":"d-2","time":"2026-03-02T15:01:00Z","seq":20}],` +
		asOfText + `}`,
	"holds": `{"items":[{"user":"alice","case":"L-1","by":"olga","purpose":"court order of March",` +
		`"since":"2026-03-01T15:09:00Z","seq":21},{"user":"bob","case":"L-2","by":"olga",` +
		`"since":"2026-03-01T15:09:00Z","seq":17}],"next":"n-1",` + asOfText + `}`,
	"forgotten": `{"items":[{"user":"carol","case":"C-1","by":"olga","purpose":"erasure request",` +
		`"at":"2026-03-01T15:09:00Z","seq":22}],` + asOfText + `}`,
	"webhooks": `{"webhooks":[{"name":"desk","url":"https://desk.example/hooks?queue=lockouts",` +
		`"types":["lockout.started","login.refused:attempts_in_flight"],"made":"2026-03-01T15:09:00Z"},` +
		`{"name":"test","url":"http://127.0.0.1:9000","types":["*"],"allowPrivate":true,` +
		`"made":"2026-03-01T15:09:00Z"}],` + asOfText + `}`,
	"lockout": `{"user":"alice","locked":true,"until":"2026-03-03T15:09:00Z","failures":10,` +
		`"remaining":0,` +
		`"openAttempts":2,` + asOfText + `}`,
	"lockouts": `{"lockouts":[{"user":"alice","locked":true,"until":"2026-03-03T15:09:00Z",` +
		`"failures":3,` +
		`"lockFailures":10,"lastSource":"gateway/portal-europe-1"},{"user":"bob","locked":true,` +
		`"failures":12,"lastSource":"gateway/desk"}],"more":true,"next":"n-1",` + asOfText + `}`,
	"devices": `{"devices":[{"device":"d-1","label":"手机 of Alice","class":"ibkr_mobile",` +
		`"state":"active",` +
		`"since":"2026-03-01T15:09:00Z","method":"qr","sharedWith":["bob","carol"],"seq":17},` +
		`{"device":"card-0002","class":"digital_security_card_plus","state":"shipped",` +
		`"since":"2026-03-01T15:09:00Z","sharedFrom":"dave","seq":9}],` + asOfText + `}`,
	"codes": `{"codes":[{"code":"c-1","kind":"temp_passcode","state":"restricted",` +
		`"issued":"2026-03-01T15:09:00Z","until":"2026-03-09T15:09:00Z","seq":17},{"code":"c-2",` +
		`"kind":"sms",` +
		`"state":"expired","issued":"2026-03-01T15:09:00Z","until":"2026-03-01T15:14:00Z","seq":8}],` +
		asOfText + `}`,
	"sharings": `{"sharings":[{"sharing":"sh-1","requester":"bob","owner":"alice","device":"d-1",` +
		`"label":"red card","class":"digital_security_card","state":"pending",` +
		`"since":"2026-03-01T15:09:00Z","seq":17}],` + asOfText + `}`,
	"withdrawals": `{"day":"2026-03-02","window":{"from":"2026-02-24"},"dayUsd":"1500.00",` +
		`"windowUsd":"99000.50",` +
		`"limits":[{"class":"ibkr_mobile","perDay":"1000000.00","perFiveDays":"1000000.00",` +
		`"dayRemaining":"998500.00","windowRemaining":"900999.50"},{"class":"gold"}],` +
		`"withdrawals":[{"withdrawal":"w-1","state":"approved","amount":"1400.00","currency":"EUR",` +
		`"usd":"1500.00","user":"alice","device":"d-1","label":"phone","time":"2026-03-02T15:00:00Z",` +
		`"seq":30},` +
		`{"withdrawal":"w-2","state":"denied","amount":"5","currency":"USD","usd":"5.00",` +
		`"user":"alice",` +
		`"code":"c-1","time":"2026-03-02T15:01:00Z","seq":31}],` + asOfText + `}`,
	"sources": `{"items":[{"source":"gateway/portal","attempts":[{"event":"login.failed",` +
		`"count":17,` +
		`"first":"2026-03-01T15:00:00Z","last":"2026-03-02T15:00:00Z"}]}],` + asOfText + `}`,
	"stats": `{"step":"1d","group":"class","lockedUsers":7,"items":[{"start":"2026-03-02T05:00:00Z",` +
		`"day":"2026-03-02","records":3,"counts":[{"label":"ibkr_mobile","approved":2,` +
		`"approvedUsd":"1234567.89","denied":1,"deniedUsd":"5.00"}]}],` + asOfText + `}`,
	"troubleshoot": `{"cases":[{"case":3,"says":"The user is locked: wait until the lockout ends,` +
		` or let an agent ` +
		`release it after the identity of the user is verified.","until":"2026-03-03T15:09:00Z"}],` +
		asOfText + `}`,
	"timeline": `{"records":[{"seq":10,"time":"2026-03-02T15:09:00Z",` +
		`"command":{"type":"login.report"},` +
		`"status":"accepted","events":[{"type":"login.failed","data":{"failures":10,` +
		`"reason":"bad_credentials"}},` +
		`{"type":"lockout.started","data":{"until":"2026-03-03T15:09:00Z","failures":10}}],` +
		`"personal":"sealed"},` +
		`{"seq":11,"time":"2026-03-02T15:10:00Z","command":{"type":"login.begin"},"status":"refused",` +
		`"reason":"locked_out","events":[{"type":"login.refused","data":{"reason":"locked_out"}}]}],` +
		`"more":true,"next":"n-1",` +
		asOfText + `}`,
}

// widths are the widths of the terminals of the golden tables. A pipe, and --wide, have no width.
var widths = []int{40, 80, 120, 0}

// TestTables compares each table at each width with a golden file, which contains the notes, too.
func TestTables(t *testing.T) {
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			var all strings.Builder
			for _, width := range widths {
				var out bytes.Buffer
				p := Printer{Out: &out, Notes: &out, Width: width}
				if err := p.ShowQuery(name, []byte(answer)); err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&all, "-- width %d --\n%s", width, &out)
				table, _ := strings.CutSuffix(out.String(), notesOf(out.String()))
				checkWidth(t, table, width)
			}
			compareGolden(t, filepath.Join("testdata", "tables", name+".txt"), all.String())
		})
	}
	for operation := range shows {
		if answers[operation] == "" && operation != "account-timeline" { // which has the table of timeline
			t.Errorf("operation %s has a table: add an answer to answers", operation)
		}
	}
}

// notesOf returns the lines below a table, which a terminal wraps.
func notesOf(out string) string {
	for _, first := range []string{"column left out:", "columns left out:", ", as of "} {
		if at := strings.Index(out, first); at >= 0 {
			return out[strings.LastIndexByte(out[:at], '\n')+1:]
		}
	}
	return ""
}

func checkWidth(t *testing.T, table string, width int) {
	t.Helper()
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if got := text.StringWidthWithoutEscSequences(line); width > 0 && got > width {
			t.Errorf("line of %d columns, want at most %d: %q", got, width, line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("line ends with a blank: %q", line)
		}
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: the table differs (-want +got), write it anew with -update:\n%s", path, diff)
	}
}

// TestTableIsHarmless prints cells that try to change the terminal, and cells of wide and
// combining characters.
func TestTableIsHarmless(t *testing.T) {
	for _, c := range []struct{ name, cell, want string }{
		{"escape sequence", "\x1b[31mred\x1b]0;title\a", `\x1b[31mred\x1b]0;title\a`},
		{"control sequence introducer of 8 bits", "\u009b2J", `\u009b2J`},
		{"line feed and carriage return", "a\nb\rc", `a\nb\rc`},
		{"right-to-left override", "abc\u202edef", `abc\u202edef`},
		{"isolate", "a\u2066b\u2069", `a\u2066b\u2069`},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
		{"wide characters", strings.Repeat("手机", 40), "手机手机"},
		{"combining characters", "e\u0301e\u0301", "e\u0301e\u0301"},
		{"a long word", strings.Repeat("x", 500), "xxxx"},
	} {
		for _, width := range []int{1, 5, 40, 80, 0} {
			var out bytes.Buffer
			table := NewTable("name", "value", "seq").Dropping("seq")
			table.AppendRow(Row{"cell", c.cell, 7})
			table.AppendRow(Row{"other", "short", 1234})
			p := Printer{Out: &out, Notes: new(bytes.Buffer), Width: width}
			if err := p.WriteTable(table); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(out.String(), "\x1b\a\r\u009b\u202e\u2066") {
				t.Errorf("%s, width %d: got control characters in %q", c.name, width, &out)
			}
			if width == 0 && !strings.Contains(out.String(), c.want) {
				t.Errorf("%s: got %q, want %q in it", c.name, &out, c.want)
			}
			if width >= 40 {
				checkWidth(t, out.String(), width)
			}
		}
	}
}

// TestColors checks that a color repeats the meaning of a word and never replaces it.
func TestColors(t *testing.T) {
	for name, answer := range answers {
		var plain, colored bytes.Buffer
		for out, isColored := range map[*bytes.Buffer]bool{&plain: false, &colored: true} {
			p := Printer{Out: out, Notes: new(bytes.Buffer), Width: 80, Color: isColored}
			if err := p.ShowQuery(name, []byte(answer)); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(plain.String(), "\x1b") {
			t.Errorf("%s without colors: got %q", name, &plain)
		}
		if got := text.StripEscape(colored.String()); got != plain.String() {
			t.Errorf("%s with colors: got the text\n%s\nwant\n%s", name, got, &plain)
		}
	}
	for state, want := range map[string]string{
		"accepted": "\x1b[32maccepted\x1b[0m", "denied": "\x1b[31mdenied\x1b[0m",
		"pending": "\x1b[33mpending\x1b[0m", "unknown": "unknown",
	} {
		if c := State(state); c.Tone.apply(c.Text, true) != want {
			t.Errorf("state %s: got %q, want %q", state, c.Tone.apply(c.Text, true), want)
		}
	}
	var out bytes.Buffer
	p := Printer{Out: &out, JSON: true, Color: true, Width: 40}
	err := p.ShowQuery("lockout", []byte(answers["lockout"]))
	if err != nil || strings.Contains(out.String(), "\x1b") {
		t.Errorf("JSON with colors: got %q, %v, want no color", &out, err)
	}
}
