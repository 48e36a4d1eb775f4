package console

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/projections/queries"
)

// workOperations are the operations whose answers the page of work shows.
var workOperations = []string{"all-sharings", "lockouts", "all-codes", "holds", "dead-letters", "tokens", "webhooks", "policy"}

// Maximum numbers of items of a queue.
const (
	queueShown  = 50
	configShown = 200 // tokens and webhooks
)

// workBody is the body of the page of work: the queues of the acts that the role may submit.
type workBody struct {
	Queues []queue
	Of     string // name of the item whose list is the page, "" for the page of work
}

// queue is a list of items with the acts on each of them.
type queue struct {
	Name string   // in the keys of its texts
	Head []string // keys of the columns
	Rows []queueRow
	More bool

	IsPage  bool   // the queue is the whole page, and has its title
	IsList  bool   // the items do not wait for an act
	Intro   string // in place of the text of the queue, "" for none
	Filters []filterLink
	Next    string    // path of the next page, "" for none
	Acts    []actLink // of the whole queue
	Note    string    // key of a text in place of rows, "" for none
}

// numberColumns are the keys of the columns that contain numbers.
var numberColumns = []string{"column.failures", "column.record", "work.attempts", "work.position"}

// IsNumber reports whether the column with a key contains numbers.
func (q queue) IsNumber(column string) bool { return slices.Contains(numberColumns, column) }

type queueRow struct {
	Cells []cell // the first one names the item
	Acts  []actLink
}

// cell is one value of a row. Path leads to its page, "" for none.
type cell struct {
	Text, Path, Below string
	Detail            string    // a sentence in English, "" for none
	Badge             string    // class of a badge around the text, "" for none
	At                time.Time // shown in place of the text, with its distance
}

// filterLink leads to the items in one state, or in all states for "".
type filterLink struct {
	State, Path string
	IsShown     bool
}

// actLink leads to an act. Text is the key of its label.
type actLink struct{ Path, Text string }

// queues lists the parts of the page of work. A role sees a part if it has the right of the
// operation that lists the items, and the rights of the act on them.
var queues = []struct {
	lists string
	act   *act
	read  func(*visit) (queue, error)
}{
	{"all-sharings", &sharingReview, (*visit).sharingQueue},
	{"lockouts", &lockoutRelease, (*visit).lockoutQueue},
	{"all-codes", &codeRevoke, (*visit).codeQueue},
	{"holds", &personRelease, (*visit).holdQueue},
	{"dead-letters", &letterRetry, (*visit).letterQueue},
	{"tokens", &tokenRevoke, (*visit).tokenQueue},
	{"webhooks", &webhookRemove, (*visit).webhookQueue},
	{"policy", &policyAdopt, (*visit).policyQueue},
}

func (v *visit) getWork() error {
	var b workBody
	for i := range queues {
		if !v.seesQueue(i) {
			continue
		}
		q, err := queues[i].read(v)
		if err != nil {
			return err
		}
		b.Queues = append(b.Queues, q)
	}
	if b.Queues == nil {
		return &failure{status: http.StatusForbidden, key: "forbidden"}
	}
	v.write(http.StatusOK, "work", "work.title", &b)
	return nil
}

// seesQueue reports whether the caller sees a part of the page of work.
func (v *visit) seesQueue(i int) bool {
	return v.may(queues[i].lists) && queues[i].act.isFor(v.caller.Role)
}

// link returns the links of the acts that the caller may submit on an item.
func (v *visit) link(target []string, all ...*act) (links []actLink) {
	for _, a := range all {
		if a.isFor(v.caller.Role) {
			links = append(links, actLink{a.path(target...), "act." + a.name})
		}
	}
	return links
}

// linkNow returns the links of the acts that the caller may submit on an item, none on a page about the
// past.
func (v *visit) linkNow(target []string, all ...*act) []actLink {
	if v.moment.isPast {
		return nil
	}
	return v.link(target, all...)
}

// MayWork reports whether the caller may see a part of the page of work.
func (p *page) MayWork() bool { return p.visit.workLink() != "" }

// workLink returns the path of the page of work, "" if the caller sees no part of it.
func (v *visit) workLink() string {
	for i := range queues {
		if v.seesQueue(i) {
			return workPath
		}
	}
	return ""
}

func (v *visit) user(name string) cell { return cell{Text: name, Path: v.userPath(name)} }

func (v *visit) sharingQueue() (queue, error) {
	q := queue{Name: "sharings", Head: []string{"column.sharing", "work.requester", "work.owner",
		"column.device", "work.waits"}}
	found, err := v.Queries.RealmSharings(v.r.Context(), v.moment.at, v.moment.seq(),
		queries.Filter{State: domain.Pending}, queries.Page{Limit: queueShown, Oldest: true})
	if err != nil {
		return q, err
	}
	for _, s := range found.Items {
		q.Rows = append(q.Rows, queueRow{
			Cells: []cell{{Text: s.ID}, v.user(s.Requester), v.user(s.Owner),
				{Text: v.text.Name("class", s.Class), Below: s.Device}, {At: s.Since}},
			Acts: v.link([]string{s.ID}, &sharingReview),
		})
	}
	q.More = found.More
	return q, nil
}

func (v *visit) lockoutQueue() (queue, error) {
	q := queue{Name: "lockouts", Head: []string{"column.user", "column.since", "column.left",
		"column.failures"}}
	found, err := v.Queries.Lockouts(v.r.Context(), v.moment.at, v.moment.seq(),
		queries.Page{Limit: queueShown, Oldest: true})
	if err != nil {
		return q, err
	}
	for i := range found.Lockouts {
		l := &found.Lockouts[i]
		ends := cell{At: l.Until}
		if l.Until.IsZero() {
			ends = cell{Text: v.text.T("lockout.released.only")}
		}
		q.Rows = append(q.Rows, queueRow{
			Cells: []cell{v.user(l.User), {At: l.Since}, ends, {Text: strconv.Itoa(max(l.Failures, l.LockFailures))}},
			Acts:  v.link([]string{l.User}, &identityVerify, &lockoutRelease),
		})
	}
	q.More = found.More
	return q, nil
}

// cost returns the number of requests that a page of the act counts as in the rate of the caller.
func (a *act) cost() int { return 1 + operations.Find(a.reads).Requests(false) }
