package client

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// newPagesNode returns a node that answers requests for records over NATS. An answer holds at
// most three records, because a larger one exceeds the size of a message.
func newPagesNode(end func() uint64) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		number := func(name string) uint64 {
			n, _ := strconv.ParseUint(r.URL.Query().Get(name), 10, 64) // 0 for none
			return n
		}
		w := httptest.NewRecorder()
		if number("atLeast") > end() {
			time.Sleep(5 * time.Second)
			respond(503, "{}", "Retry-After", "1")(w, r)
			return w.Result(), nil
		}
		text, sent := "", uint64(0)
		for seq := number("after") + 1; seq <= end() && sent < number("limit"); seq++ {
			text += fmt.Sprintf("{\"seq\":%d}\n", seq)
			sent++
		}
		if sent > 3 {
			respond(413, "{}")(w, r)
			return w.Result(), nil
		}
		respond(200, text, "As-Of", fmt.Sprint(end()), "Read-Session", "1")(w, r)
		return w.Result(), nil
	}
}

// A follower over NATS receives each record once and in order, also when a page exceeds the
// size of a message, and when no record is added for longer than Patience.
func TestFollowPages(t *testing.T) {
	for _, after := range []uint64{0, 20, 22} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			client, err := New(Options{URL: "https://ledger.example",
				Transport: newPagesNode(func() uint64 { return 20 + uint64(time.Since(begun)/(10*time.Minute)) })})
			if err != nil {
				t.Fatal(err)
			}
			last := after
			client.followNATS(t.Context(), Filter{After: after}, func(r Record, err error) bool {
				if err != nil || r.Seq != last+1 {
					t.Errorf("followed record: got %d, %v, want %d", r.Seq, err, last+1)
					return false
				}
				last = r.Seq
				return last < 24
			})
			if took := time.Since(begun); last != 24 || took < 40*time.Minute || took > 41*time.Minute {
				t.Errorf("follow: got record %d last, after %v, want 24 after 40 min", last, took)
			}
		})
	}
}
