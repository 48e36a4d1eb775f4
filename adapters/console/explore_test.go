package console

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

// seqs returns the numbers of the records in a download of JSON lines.
func (r reply) seqs(t *testing.T) (all []int) {
	t.Helper()
	for line := range strings.Lines(r.body) {
		var record struct{ Seq int }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("got %s, want JSON lines: %v", line, err)
		}
		all = append(all, record.Seq)
	}
	return all
}

func TestExploreFilters(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate() // 18 records
	v := c.visitor(access.Auditor)
	hour := time.Now().Add(-18*time.Hour - time.Minute).UTC().Format(time.RFC3339)
	for query, want := range map[string][]int{
		"asOf=3":                                    {3, 2, 1},
		"type=identity.verify&asOf=18":              {4},
		"type=code.issued&asOf=18":                  {5},
		"entity=user/bob&asOf=18":                   {18, 5, 4},
		"entity=user/bob&type=login.report&asOf=18": {18},
		"status=refused&asOf=18":                    {6},
		"reason=unknown_user&asOf=18":               {6},
		"source=gateway/portal&asOf=4":              {4, 3, 2, 1},
		"source=gateway/other&asOf=4":               nil,
		"to=" + hour + "&asOf=18":                   {3, 2, 1},
		"from=" + hour + "&asOf=6":                  {6, 5, 4},
		"before=3&asOf=18":                          {2, 1},
	} {
		if got := v.get("/records.jsonl?" + query).seqs(t); !slices.Equal(got, want) {
			t.Errorf("%s: got records %v, want %v", query, got, want)
		}
	}
}

// The pages have each record of the log once, the newest first.
func TestExplorePages(t *testing.T) {
	c := newTestConsole(t, true)
	for i := range 2*exploreShown + 7 {
		c.do(time.Hour, &domain.LoginReport{User: fmt.Sprint("user", i), Outcome: "succeeded", Platform: "tws"})
	}
	last := int(c.rows.Position().Seq)
	v := c.visitor(access.Auditor)
	want := last
	for before := ""; ; {
		page := v.get(fmt.Sprintf("/records.jsonl?asOf=%d%s", last, before)).seqs(t)
		for _, seq := range page {
			if seq != want {
				t.Fatalf("got record %d, want %d", seq, want)
			}
			want--
		}
		if want == 0 {
			return
		}
		before = fmt.Sprint("&before=", want+1)
	}
}

func TestExploreFindsOldRecords(t *testing.T) {
	c := newTestConsole(t, true)
	c.do(time.Hour, &domain.IdentityVerify{User: "alice", Agent: "ann", Channel: "phone"})
	for range 2 * exploreChunk {
		c.do(time.Minute, &domain.LoginReport{User: "bob", Outcome: "succeeded", Platform: "tws"})
	}
	got := c.visitor(access.Auditor).get("/records.jsonl?type=identity.verify").seqs(t)
	if len(got) != 1 {
		t.Errorf("got records %v, want the one that is %d records old", got, 2*exploreChunk)
	}
}

func TestDownloads(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	v := c.visitor(access.Auditor)
	got := v.get("/records.csv?asOf=10")
	rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil || len(rows) != 11 || rows[1][0] != "10" {
		t.Errorf("CSV: got %d rows, %v, want the head and 10 records: %s", len(rows), err, got.body)
	}
	for path, want := range map[string]string{"/records.csv": "text/csv; charset=utf-8",
		"/records.jsonl": "application/jsonl"} {
		got := v.get(path)
		if kind := got.header.Get("Content-Type"); got.status != http.StatusOK || kind != want {
			t.Errorf("%s: got %d %s, want 200 %s", path, got.status, kind, want)
		}
		if !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment;") {
			t.Errorf("%s: got %q, want an attachment", path, got.header.Get("Content-Disposition"))
		}
		if strings.Contains(got.body, "192.0.2.7") {
			t.Errorf("%s: got a sealed address, want it sealed", path)
		}
		if got := c.visitor(access.Support).get(path); got.status != http.StatusForbidden {
			t.Errorf("%s as support: got %d, want 403", path, got.status)
		}
	}
}

// TestExploreEndsSearchAfterItsTime checks the page of a rare filter: it states how far the search has
// come, its link continues there, and its downloads have the records of the page.
func TestExploreEndsSearchAfterItsTime(t *testing.T) {
	c := newTestConsole(t, true)
	c.do(time.Hour, &domain.LoginReport{User: "rare", Outcome: "succeeded", Platform: "tws"})
	for i := range 2 * exploreChunk {
		c.do(time.Hour, &domain.LoginReport{User: fmt.Sprint("user", i), Outcome: "failed",
			Reason: "bad_credentials", Platform: "tws"})
	}
	c.server.searchWithin = 0
	v := c.visitor(access.Auditor)
	end := 2*exploreChunk + 1
	asOf := fmt.Sprintf("&asOf=%d", end)
	page := v.get("/records?type=login.succeeded" + asOf)
	page.want(t, http.StatusOK, "Continue the search",
		fmt.Sprintf("from record %d back to record %d", end, end-exploreChunk+1),
		fmt.Sprintf("before=%d", end-exploreChunk+1))
	v.get("/records?type=login.failed"+asOf).want(t, http.StatusOK, fmt.Sprintf("since=%d", end-exploreChunk+1))
	for before := end - exploreChunk + 1; before > 1; before -= exploreChunk {
		page = v.get(fmt.Sprintf("/records?type=login.succeeded&before=%d%s", before, asOf))
		if before > exploreChunk+1 {
			page.want(t, http.StatusOK, "Continue the search")
		}
	}
	page.want(t, http.StatusOK, "/records/1?")
	lines := v.get(fmt.Sprintf("/records.jsonl?since=%d&before=%d%s", 2, end+1, asOf)).seqs(t)
	if len(lines) != exploreShown {
		t.Errorf("download of a page: got %d records, want %d", len(lines), exploreShown)
	}
}
