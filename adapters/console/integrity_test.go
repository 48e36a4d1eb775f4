package console

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"authledger/adapters/httpapi"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// testTasks are tasks of which only the verification does something: it returns the error.
type testTasks struct {
	httpapi.Tasks
	err    error
	begun  chan struct{} // receives a value at the begin of a verification, if it is not nil
	finish chan struct{} // its next value ends the verification, if it is not nil
}

func (t *testTasks) Verify(ctx context.Context, progress func(at, last uint64)) (httpapi.Verified, error) {
	progress(3, 8)
	if t.begun != nil {
		t.begun <- struct{}{}
		<-t.finish
	}
	return verifiedTo(2), t.err
}

// verifiedTo is the last record of an intact log.
type verifiedTo uint64

func (v verifiedTo) LastRecord() uint64 { return uint64(v) }

func (c *testConsole) facts() (Facts, error) {
	return Facts{
		LedgerID: "ledger-1", Head: c.rows.Position(), Generation: "generation-1",
		Projections: c.rows.Versions(), Keys: 4, LogFiles: 2, LogBytes: 3 << 20,
	}, nil
}

func TestIntegrityShowsFacts(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	position := c.rows.Position()
	page := c.visitor(access.Dashboard).get("/integrity")
	page.want(t, http.StatusOK, hex.EncodeToString(position.Hash[:]), "ledger-1", "generation-1", "3 MiB",
		"has not been verified", ">lists<", fmt.Sprint(position.Seq))
	if strings.Contains(page.body, "/integrity/verify") {
		t.Error("page of a dashboard: got a button to verify, want none")
	}
	link := fmt.Sprintf("/records/%d", position.Seq+1)
	const records = `href="/records?type=audit.verified"`
	c.visitor(access.Auditor).get("/integrity").want(t, http.StatusOK, link, records)
	if strings.Contains(page.body, records) {
		t.Error("page of a dashboard: got a link to the records of verifications, want none")
	}
	if got := c.reads(); len(got) != 1 || got[0] != "auditor /integrity" {
		t.Errorf("got reads %q, want one of /integrity", got)
	}
}

func TestIntegrityIsEmptyBeforeTheFirstRecord(t *testing.T) {
	c := newTestConsole(t, true)
	c.visitor(access.Dashboard).get("/integrity").want(t, http.StatusOK, "–")
}

func TestIntegrityRights(t *testing.T) {
	c := newTestConsole(t, true)
	for _, role := range access.Roles() {
		want := http.StatusForbidden
		if role.May(access.ReadStatistics) {
			want = http.StatusOK
		}
		v := c.visitor(role)
		v.get("/integrity").want(t, want)
		form := url.Values{"form": {v.get("/").formToken(t)}}
		want = http.StatusForbidden
		if role.May(access.Verify) {
			want = http.StatusSeeOther
		}
		v.post("/integrity/verify", form).want(t, want)
		c.api.AwaitTasks()
	}
}

// TestVerifyNow checks the page before, during and after a verification, by its result.
func TestVerifyNow(t *testing.T) {
	damage := &eventstore.Fault{Stream: 3, Seq: 5, Err: errors.New("damaged")}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"intact", nil, "Intact up to record"},
		{"damaged", damage, "it prints the position of the damage"},
		{"failed", errors.New("i/o error"), "could not read the whole log"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newTestConsole(t, true)
			c.populate()
			c.tasks.err, c.tasks.begun, c.tasks.finish = test.err, make(chan struct{}), make(chan struct{})
			v := c.visitor(access.Operator)
			form := url.Values{"form": {v.get("/integrity").formToken(t)}}
			v.post("/integrity/verify", form).want(t, http.StatusSeeOther)
			<-c.tasks.begun
			running := v.get("/integrity")
			running.want(t, http.StatusOK, "Commit 3 of 8")
			if running.header.Get("Refresh") == "" {
				t.Error("page during a verification: got no Refresh, want one")
			}
			v.post("/integrity/verify", form).want(t, http.StatusConflict, "Another task reads the log")
			close(c.tasks.finish)
			c.api.AwaitTasks()
			record := fmt.Sprintf("Recorded in</dt><dd>%d<", c.rows.Position().Seq)
			v.get("/integrity").want(t, http.StatusOK, test.want, record)
			v.get("/").want(t, http.StatusOK, `href="/integrity"`, test.name)
		})
	}
}

func TestRecordShowsTheChain(t *testing.T) {
	c := newTestConsole(t, true)
	c.do(0, &domain.LoginReport{User: "carol", Outcome: "succeeded", Platform: "tws"})
	before := c.rows.Position()
	c.do(0, &domain.LoginReport{User: "carol", Outcome: "succeeded", Platform: "tws"})
	now := c.rows.Position()
	v := c.visitor(access.Auditor)
	v.get(fmt.Sprintf("/records/%d", now.Seq)).want(t, http.StatusOK, hex.EncodeToString(now.Hash[:]),
		hex.EncodeToString(before.Hash[:]), fmt.Sprintf("/records/%d\"", before.Seq))
	v.get("/records/1").want(t, http.StatusOK, "because this is the first commit")
}
