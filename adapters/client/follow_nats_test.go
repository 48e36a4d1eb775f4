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

// answersPages is a node that is asked for records over NATS: its log grows by one in
// ten minutes, and an answer holds three records at most.
func answersPages(end func() uint64) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		number := func(name string) uint64 {
			n, _ := strconv.ParseUint(r.URL.Query().Get(name), 10, 64) // 0 for none
			return n
		}
		w := httptest.NewRecorder()
		if number("atLeast") > end() {
			time.Sleep(5 * time.Second)
			says(503, "{}", "Retry-After", "1")(w, r)
			return w.Result(), nil
		}
		text, told := "", uint64(0)
		for seq := number("after") + 1; seq <= end() && told < number("limit"); seq++ {
			text += fmt.Sprintf("{\"seq\":%d}\n", seq)
			told++
		}
		if told > 3 {
			says(413, "{}")(w, r)
			return w.Result(), nil
		}
		says(200, text, "As-Of", fmt.Sprint(end()), "Reading", "1")(w, r)
		return w.Result(), nil
	}
}

// Who follows over NATS hears each record once and in order, also when a page is too
// large for a message, and when nothing is recorded for longer than its patience.
func TestFollowPages(t *testing.T) {
	for _, after := range []uint64{0, 20, 22} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			asks, err := New(Options{URL: "https://ledger.example", Transport: answersPages(func() uint64 { return 20 + uint64(time.Since(begun)/(10*time.Minute)) })})
			if err != nil {
				t.Fatal(err)
			}
			last := after
			asks.followNATS(t.Context(), Filter{After: after}, func(r Record, err error) bool {
				if err != nil || r.Seq != last+1 {
					t.Errorf("record %d behind %d: %v", r.Seq, last, err)
					return false
				}
				last = r.Seq
				return last < 24
			})
			if took := time.Since(begun); last != 24 || took < 40*time.Minute || took > 41*time.Minute {
				t.Errorf("%d within %v", last, took)
			}
		})
	}
}
