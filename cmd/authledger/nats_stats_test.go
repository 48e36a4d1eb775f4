package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"authledger/adapters/natsapi"
)

// TestNATSStats checks that the statistics of the service count answers and measure their
// duration, also of parallel requests, and hold no data of a request.
func TestNATSStats(t *testing.T) {
	const right, wrong = 20, 5
	s := serveOverNATS(t)
	gateway, dashboard := s.connect(t, "gateway"), s.connect(t, "dashboard")
	var group sync.WaitGroup
	for i := range right + wrong {
		group.Go(func() {
			m := &nats.Msg{Subject: "ledger.main.command.gateway.login.report",
				Data: []byte(`{"user":"alice","outcome":"succeeded"}`), Header: nats.Header{"ce-id": {fmt.Sprint(i)}}}
			if i >= right {
				m.Data = []byte(`{"user":"alice","outcome":"secret"}`)
			}
			if _, err := gateway.RequestMsg(m, natsTimeout); err != nil {
				t.Error(err)
			}
			if _, err := dashboard.Request("$SRV.STATS.authledger", nil, natsTimeout); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	answer, err := dashboard.Request("$SRV.STATS.authledger", nil, natsTimeout)
	if err != nil {
		t.Fatal(err)
	}
	var stats micro.Stats
	if err := json.Unmarshal(answer.Data, &stats); err != nil {
		t.Fatal(err)
	}
	if text := string(answer.Data); strings.Contains(text, "alice") || strings.Contains(text, "secret") {
		t.Errorf("statistics: got data of a request, want none: %s", text)
	}
	for _, e := range stats.Endpoints {
		var got natsapi.Tally
		if err := json.Unmarshal(e.Data, &got); err != nil {
			t.Fatalf("%s: %s: %v", e.Name, e.Data, err)
		}
		average := got.AverageAnswer
		switch got.AverageAnswer = 0; {
		case e.Name != "login-report" && got != natsapi.Tally{}:
			t.Errorf("endpoint %s: got %+v, want no answers", e.Name, got)
		case e.Name == "login-report" &&
			(got != natsapi.Tally{Answers: right + wrong, Errors: wrong, LastError: 422} ||
				average <= e.AverageProcessingTime):
			t.Errorf("endpoint %s: got %+v, average %v, want %d answers, %d errors and an average above %v", e.Name,
				got, average, right+wrong, wrong, e.AverageProcessingTime)
		}
	}
}
