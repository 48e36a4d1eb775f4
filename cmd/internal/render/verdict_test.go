package render

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const verdictEnd = `"time":"2026-03-02T15:09:00Z","late":false,"duplicate":false,"policy":"ibkr-sls@1"`

// verdicts holds verdicts by the names of their golden files.
var verdicts = map[string]string{
	"lockout": `{"id":"e-10","source":"gateway/portal","type":"login.report","status":"accepted",` +
		`"seq":10,` + verdictEnd +
		`,"events":[{"type":"login.failed","data":{"failures":10,"reason":"bad_credentials"}},` +
		`{"type":"lockout.started","data":{"until":"2026-03-03T15:09:00Z"}}],` +
		`"result":{"locked":true,"until":"2026-03-03T15:09:00Z","remaining":0}}`,
	"second-factor": `{"id":"e-11","source":"cli","type":"login.begin","status":"accepted",` +
		`"seq":11,` + verdictEnd +
		`,"events":[{"type":"login.started","data":{"attempt":"a-1",` +
		`"expires":"2026-03-02T15:14:00Z"}}],` +
		`"result":{"locked":false,"remaining":9,"secondFactors":[{"device":"d-1",` +
		`"class":"ibkr_mobile"}]}}`,
	"limit": `{"id":"e-12","source":"cli","type":"withdrawal.request","status":"refused",` +
		`"reason":"daily_limit",` +
		`"detail":"the request exceeds the limit per day","seq":12,` + verdictEnd + `,"events":[],` +
		`"result":{"limits":{"class":"ibkr_mobile","perDay":"1000000.00","dayUsd":"999999.00",` +
		`"dayRemaining":"1.00"},` +
		`"window":{"from":"2026-02-24","businessDays":["2026-02-24"]},` +
		`"freesAt":"2026-03-03T05:00:00Z",` +
		`"tryDevices":["gold-1","gold-2"]}}`,
	"without-step": `{"id":"e-13","source":"cli","type":"device.request","status":"refused",` +
		`"reason":"legacy_device",` +
		`"detail":"devices of this class are not given out any more","seq":13,` + verdictEnd + `,` +
		`"events":[]}`,
	"invalid": `{"id":"e-14","source":"cli","type":"login.report","status":"invalid",` +
		`"reason":"missing_field",` +
		`"detail":"data.user: this field is required","time":"2026-03-02T15:09:00Z","events":[]}`,
	"unknown-type": `{"id":"e-17","source":"cli","status":"invalid","reason":"unknown_type",` +
		`"detail":"type: no such command: lgoin","time":"2026-03-02T15:09:00Z","events":[]}`,
	"marked": `{"id":"e-15","source":"cli","type":"code.revoke","status":"accepted","seq":15,` +
		`"late":true,` +
		`"duplicate":true,"unsynced":true,"time":"2026-03-02T15:09:00Z","policy":"ibkr-sls@1",` +
		`"events":[],` +
		`"result":{"state":"revoked","until":"2026-03-02T15:14:00Z"}}`,
	"erasure": `{"id":"e-18","source":"cli","type":"person.forget","status":"accepted","seq":18,` + verdictEnd +
		`,"events":[{"type":"person.forgotten","data":{}},{"type":"lockout.released","data":{}}]}`,
	"on-hold": `{"id":"e-19","source":"cli","type":"person.forget","status":"refused","reason":"on_hold",` +
		`"detail":"the data of the user is on hold: release the holds first","seq":19,` + verdictEnd + `,` +
		`"events":[{"type":"person.refused","data":{"reason":"on_hold"}}]}`,
	"of-newer-program": `{"id":"e-16","source":"cli","type":"login.report","status":"accepted",` +
		`"seq":16,` + verdictEnd +
		`,"events":[{"type":"login.blessed","data":{"by":"x"}}],"result":{"blessed":true}}`,
}

// TestVerdicts compares the table of each verdict with a golden file.
func TestVerdicts(t *testing.T) {
	for name, verdict := range verdicts {
		t.Run(name, func(t *testing.T) {
			var all strings.Builder
			for _, width := range widths {
				var out bytes.Buffer
				p := Printer{Out: &out, Notes: &out, Width: width}
				if err := p.ShowVerdict([]byte(verdict)); err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&all, "-- width %d --\n%s", width, &out)
				checkWidth(t, out.String(), width)
			}
			compareGolden(t, filepath.Join("testdata", "verdicts", name+".txt"), all.String())
		})
	}
	var out bytes.Buffer
	p := Printer{Out: &out, JSON: true, Width: 40, Color: true}
	err := p.ShowVerdict([]byte(verdicts["lockout"]))
	if err != nil || out.String() != verdicts["lockout"]+"\n" {
		t.Errorf("JSON: got %s, %v, want the text of the node", &out, err)
	}
}
