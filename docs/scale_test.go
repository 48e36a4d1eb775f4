package docs

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the tables of docs/scale.md")

// The assumptions of docs/scale.md.
const (
	peakFactor    = 5           // rate at the peak, divided by the average rate of a day
	daySeconds    = 86_400      // s
	yearDays      = 365         // days
	plannedUsers  = 100_000_000 // users of all realms
	plannedAtPeak = 100_000     // commands/s of all realms
)

// measured are the values of docs/capacity.json by the names of their figures.
type measured struct {
	t       *testing.T
	figures []figure
}

type figure struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

func readMeasured(t *testing.T) measured {
	text, err := os.ReadFile("capacity.json")
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Figures []figure `json:"figures"`
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return measured{t, report.Figures}
}

// of returns the value of a figure.
func (m measured) of(what string) float64 {
	m.t.Helper()
	for _, f := range m.figures {
		if f.What == what {
			return f.Value
		}
	}
	m.t.Fatalf("docs/capacity.json: got no figure %q, want one", what)
	return 0
}

// node is the capacity model of one node.
type node struct {
	users, average, peak float64 // users, commands/s
	alone, together      float64 // CPU cores at the peak: one command a commit, and many
	log, rows, keys      float64 // bytes after a year
	rebuild, verify      float64 // s of CPU time for the records of a year
}

// nodeOf computes the resources of a node with a number of users and commands a second. The log is
// that of commands that have a commit each.
func (m measured) nodeOf(users, average float64) node {
	const overHTTP = "CPU time, a command over HTTP, one command a request, "
	records, peak := average*daySeconds*yearDays, average*peakFactor
	return node{
		users: users, average: average, peak: peak,
		alone:    peak * m.of(overHTTP+"1 outstanding") / 1e6,
		together: peak * m.of(overHTTP+"128 outstanding") / 1e6,
		log:      records * m.of("log, a login of a known user, 1 outstanding"),
		rows: users*m.of("rows, the first command of a user, import") +
			records*m.of("rows, a further command of all kinds, import"),
		keys:    users * m.of("keys, the first command of a user, import"),
		rebuild: records * m.of("CPU time, rebuild of the log, a record") / 1e6,
		verify:  records * m.of("CPU time, verify of the log, a record") / 1e6,
	}
}

// TestScaleTables checks that each table of docs/scale.md follows from the figures that the bench
// wrote. With -update it writes the tables.
func TestScaleTables(t *testing.T) {
	m := readMeasured(t)
	page := readPage(t, "scale.md")
	want := withTable(t, page, "| figure | value |", m.costs())
	want = withTable(t, want, "| users | commands of a user a day |", m.nodes())
	want = withTable(t, want, "| users of a realm |", m.realms())
	if *update {
		if err := os.WriteFile("scale.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("docs/scale.md (-want +got):\n%s\nwrite it with go test ./docs -run ScaleTables -update", diff)
	}
	assumed := fmt.Sprintf("The rate at the peak is %d times the average rate of a day.", peakFactor)
	if !strings.Contains(strings.Join(strings.Fields(page), " "), assumed) {
		t.Errorf("docs/scale.md: got no sentence %q, want the factor of the model", assumed)
	}
}

// withTable returns the page with the rows of the table whose header begins with a text.
func withTable(t *testing.T, page, header string, rows []string) string {
	t.Helper()
	before, rest, found := strings.Cut(page, "\n"+header)
	columns, rest, _ := strings.Cut(rest, "\n")
	rule, rest, _ := strings.Cut(rest, "\n")
	if !found || !strings.HasPrefix(rule, "|---") {
		t.Fatalf("docs/scale.md: got no table %s, want one", header)
	}
	for strings.HasPrefix(rest, "|") {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	return before + "\n" + header + columns + "\n" + rule + "\n" + strings.Join(rows, "") + rest
}

// costs returns the rows of the measured figures.
func (m measured) costs() (rows []string) {
	for _, f := range m.figures {
		rows = append(rows, row(f.What, digits(f.Value), f.Unit))
	}
	return rows
}

// nodes returns the rows of one node.
func (m measured) nodes() (rows []string) {
	for _, load := range []struct{ users, perDay float64 }{
		{10_000, 10}, {100_000, 10}, {1_000_000, 10}, {1_000_000, 50},
	} {
		n := m.nodeOf(load.users, load.users*load.perDay/daySeconds)
		rows = append(rows, row(grouped(n.users), grouped(load.perDay), digits(n.average), digits(n.peak),
			digits(n.alone), digits(n.together), bytes(n.log), bytes(n.rows), bytes(n.keys),
			hours(n.rebuild), hours(n.verify)))
	}
	return rows
}

// realms returns the rows of the plan for several realms.
func (m measured) realms() (rows []string) {
	for _, users := range []float64{100_000, 1_000_000, 10_000_000} {
		count := plannedUsers / users
		n := m.nodeOf(users, plannedAtPeak/peakFactor/count)
		rows = append(rows, row(grouped(users), grouped(count), digits(n.peak), digits(n.together),
			digits(n.alone*count), digits(n.together*count), bytes(n.log), bytes(n.log*count),
			hours(n.rebuild), hours(n.verify)))
	}
	return rows
}

func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// digits formats a number with three digits, and a larger one with all of its digits.
func digits(x float64) string {
	if x >= 1000 {
		return grouped(x)
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

// grouped formats a whole number with a comma between thousands.
func grouped(x float64) string {
	text := strconv.FormatFloat(x, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// bytes formats a number of bytes with its unit.
func bytes(x float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	unit := 0
	for ; x >= 1000 && unit < len(units)-1; unit++ {
		x /= 1000
	}
	return digits(x) + " " + units[unit]
}

// hours formats seconds as hours.
func hours(s float64) string { return digits(s/3600) + " h" }
