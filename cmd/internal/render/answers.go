// Package render prints the answers of the command line: tables, JSON, text and a progress bar.
//
// An answer is the JSON that a node sends over HTTP, whether a node or this process has
// answered. So a node and a local ledger yield the same tables.
package render

import (
	"encoding/json"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// The types below contain the members of answers that the tables show.

// asOf is the last record that an answer reflects.
type asOf struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time"`
}

// listed holds the members that every list has.
type listed struct {
	More bool   `json:"more"` // more items may follow
	Next string `json:"next"` // continues the list; "" on the last page
	AsOf asOf   `json:"asOf"`
}

type lockout struct {
	User         string    `json:"user"`
	Locked       bool      `json:"locked"`
	Until        time.Time `json:"until"`
	Failures     int       `json:"failures"`
	LockFailures int       `json:"lockFailures"`
	Remaining    int       `json:"remaining"`
	OpenAttempts int       `json:"openAttempts"`
	LastSource   string    `json:"lastSource"`
	Forgotten    time.Time `json:"forgotten"`
	AsOf         asOf      `json:"asOf"`
}

type lockouts struct {
	listed
	Lockouts []lockout `json:"lockouts"`
}

type devices struct {
	listed
	Devices []struct {
		device
		SharedFrom string   `json:"sharedFrom"`
		SharedWith []string `json:"sharedWith"`
	} `json:"devices"`
}

type device struct {
	Device string    `json:"device"`
	Label  string    `json:"label"`
	Class  string    `json:"class"`
	State  string    `json:"state"`
	Since  time.Time `json:"since"`
	Method string    `json:"method"`
	Seq    uint64    `json:"seq"`
}

type codes struct {
	listed
	Codes []code `json:"codes"`
}

type code struct {
	Code   string    `json:"code"`
	Kind   string    `json:"kind"`
	State  string    `json:"state"`
	Issued time.Time `json:"issued"`
	Until  time.Time `json:"until"`
	Seq    uint64    `json:"seq"`
}

type sharings struct {
	listed
	Sharings []sharing `json:"sharings"`
}

type sharing struct {
	Sharing   string    `json:"sharing"`
	Requester string    `json:"requester"`
	Owner     string    `json:"owner"`
	Device    string    `json:"device"`
	Class     string    `json:"class"`
	State     string    `json:"state"`
	Since     time.Time `json:"since"`
	Seq       uint64    `json:"seq"`
	Label     string    `json:"label"`
}

type withdrawals struct {
	listed
	Day    string `json:"day"`
	Window struct {
		From string `json:"from"`
	} `json:"window"`
	DayUSD    string `json:"dayUsd"`
	WindowUSD string `json:"windowUsd"`
	Limits    []struct {
		Class           string `json:"class"`
		PerDay          string `json:"perDay"`
		PerFiveDays     string `json:"perFiveDays"`
		DayRemaining    string `json:"dayRemaining"`
		WindowRemaining string `json:"windowRemaining"`
	} `json:"limits"`
	Withdrawals []struct {
		withdrawal
		Label string `json:"label"`
	} `json:"withdrawals"`
}

type withdrawal struct {
	Withdrawal string    `json:"withdrawal"`
	State      string    `json:"state"`
	Amount     string    `json:"amount"`
	Currency   string    `json:"currency"`
	USD        string    `json:"usd"`
	User       string    `json:"user"`
	Device     string    `json:"device"`
	Code       string    `json:"code"`
	Time       time.Time `json:"time"`
	Seq        uint64    `json:"seq"`
}

type troubles struct {
	Cases []struct {
		Case  int       `json:"case"`
		Says  string    `json:"says"`
		Until time.Time `json:"until"`
	} `json:"cases"`
	AsOf asOf `json:"asOf"`
}

type sources struct {
	listed
	Items []source `json:"items"`
}

type source struct {
	Source   string `json:"source"`
	Attempts []struct {
		Event string    `json:"event"`
		Count int64     `json:"count"`
		First time.Time `json:"first"`
		Last  time.Time `json:"last"`
	} `json:"attempts"`
}

type statistics struct {
	Step        string           `json:"step"`
	Group       string           `json:"group"`
	Items       []statisticsItem `json:"items"`
	Next        time.Time        `json:"next"`
	Newest      time.Time        `json:"newest"`
	LockedUsers int64            `json:"lockedUsers"`
	AsOf        asOf             `json:"asOf"`
}

type statisticsItem struct {
	Start       time.Time `json:"start"`
	Day         string    `json:"day"`
	Records     int64     `json:"records"`
	ActiveUsers int64     `json:"activeUsers"`
	Counts      []struct {
		Label       string `json:"label"`
		Count       int64  `json:"count"`
		Approved    int64  `json:"approved"`
		ApprovedUSD string `json:"approvedUsd"`
		Denied      int64  `json:"denied"`
		DeniedUSD   string `json:"deniedUsd"`
	} `json:"counts"`
}

type timeline struct {
	listed
	Records []record `json:"records"`
}

// record holds the members of a record that tables show.
type record struct {
	Seq     uint64    `json:"seq"`
	Time    time.Time `json:"time"`
	Command struct {
		Type string `json:"type"`
	} `json:"command"`
	Status   domain.Status   `json:"status"`
	Reason   domain.Reason   `json:"reason"`
	Events   []event         `json:"events"`
	Personal json.RawMessage `json:"personal"`
}

type event struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// text returns the event as one line: its type and its members as name=value. The members of an
// event that this program does not know stay JSON.
func (e *event) text() string {
	data := domain.NewEventData(e.Type)
	if data == nil || wire.ReadData(e.Data, data) != nil {
		return e.Type + " " + string(e.Data)
	}
	return formatEvent(domain.Event{Data: data})
}
