package logtest

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"authledger/domain"
)

// Traffic makes commits of login reports of random users, of which one in four is a failure.
// It does not decide them, so that it is fast.
type Traffic struct {
	*rand.Rand
	users  int
	now    time.Time
	seq    uint64
	stream uint64
	hash   domain.Hash
}

// NewTraffic returns a traffic of a number of users.
func NewTraffic(users int) *Traffic {
	return &Traffic{Rand: rand.New(rand.NewPCG(1, 2)), users: users, now: Epoch}
}

// Commits returns the next commits, with n records in total and 256 records in each but the
// last.
func (t *Traffic) Commits(n int) []*domain.Commit {
	const recordsMax = 256
	var all []*domain.Commit
	for n > 0 {
		c := &domain.Commit{First: t.seq + 1, Stream: t.stream + 1, Prev: t.hash, Time: t.now}
		for range min(recordsMax, n) {
			c.Records = append(c.Records, t.record())
		}
		n -= len(c.Records)
		t.stream++
		t.hash[0], t.hash[1], t.hash[2] = byte(t.stream), byte(t.stream>>8), byte(t.stream>>16)
		c.Hash = t.hash
		all = append(all, c)
	}
	return all
}

// record returns the next record.
func (t *Traffic) record() domain.Record {
	t.now = t.now.Add(time.Millisecond)
	t.seq++
	user := UserName(t.IntN(t.users))
	data := &domain.LoginReport{User: user, Outcome: domain.Succeeded, Platform: "tws"}
	event := domain.EventData(&domain.LoginSucceeded{})
	if t.IntN(4) == 0 {
		data.Outcome, data.Reason = domain.Failed, "bad_credentials"
		event = &domain.LoginFailed{Failures: 1, Reason: "bad_credentials"}
	}
	var content domain.Hash
	for i := range len(content) / 8 {
		binary.LittleEndian.PutUint64(content[8*i:], t.Uint64())
	}
	return domain.Record{
		Seq: t.seq, Content: content, Entities: []domain.Entity{domain.UserEntity(user)}, Time: t.now, Status: domain.Accepted,
		Command: domain.Command{Source: "gateway/portal", ID: fmt.Sprintf("e-%012d", t.seq), Time: t.now, Data: data},
		Events:  []domain.Event{{At: t.now, Data: event}},
	}
}

// UserName returns the name of the i-th user of a Traffic.
func UserName(i int) string { return fmt.Sprintf("u%07d", i) }
