package eventstore_test

import (
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// Verify names the first record that is not what deciding makes of the records
// before it, also when the chain has been forged to fit.
func TestVerifyFinds(t *testing.T) {
	r, _ := history(t)
	sound := forged(t, r, commitsOf(t, r))
	if v, err := eventstore.Verify(t.Context(), r.manifest, sound, domain.Position{}, newFolded(), nil); err != nil || v.Records != uint64(len(script())) {
		t.Fatalf("a log that is chained anew and otherwise the same: %+v, %v", v, err)
	}
	const at = 5 // alice's third failure of three, which locks
	record := func(change func(r *domain.Record)) func([]domain.Commit) []domain.Commit {
		return func(c []domain.Commit) []domain.Commit {
			change(&c[at-1].Records[0])
			return c
		}
	}
	for _, test := range []struct {
		given  string
		change func([]domain.Commit) []domain.Commit
		seq    uint64
		says   string
	}{
		{"a changed status", record(func(r *domain.Record) { r.Status, r.Reason = domain.Refused, domain.LockedOut }), at, "otherwise"},
		{"a changed result", record(func(r *domain.Record) { r.Result.(*domain.LoginResult).Locked = false }), at, "otherwise"},
		{"a lock left out", record(func(r *domain.Record) { r.Events = r.Events[:1] }), at, "otherwise"},
		{"a longer lock", record(func(r *domain.Record) { r.Events[1].Data.(*domain.LockoutStarted).Until = noon.Add(48 * time.Hour) }), at, "otherwise"},
		{"another policy", record(func(r *domain.Record) { r.Policy = "ibkr-sls@1" }), at, "otherwise"},
		{"another time", record(func(r *domain.Record) { r.Time = r.Time.Add(1) }), at, "otherwise"},
		{"late without reason", record(func(r *domain.Record) { r.Late = true }), at, "otherwise"},
		{"another entity", record(func(r *domain.Record) { r.Entities[0] = "user/bob" }), at, "otherwise"},
		{"another user", record(func(r *domain.Record) { r.Command.Data.(*domain.LoginReport).User = "bob" }), at, "content hash"},
		{"another time of the command", record(func(r *domain.Record) { r.Command.Time = r.Command.Time.Add(1) }), at, "content hash"},
		{"a wrong content hash", record(func(r *domain.Record) { r.Content[7] ^= 1 }), at, "content hash"},
		{"a doubled id", record(func(r *domain.Record) { r.Command.ID = "f2" }), at, "recorded twice"},
		{"an id twice in one commit", func(c []domain.Commit) []domain.Commit {
			c[at-1].Records = append(c[at-1].Records, c[at-1].Records[0])
			return c
		}, at + 1, "recorded twice"},
		{"a lost commit", func(c []domain.Commit) []domain.Commit { return append(c[:1:1], c[2:]...) }, 6, "otherwise"}, // the finish of what was begun there,
		{"two commits the other way round", func(c []domain.Commit) []domain.Commit { c[0], c[2] = c[2], c[0]; return c }, 1, "otherwise"},
	} {
		t.Run(test.given, func(t *testing.T) {
			log := forged(t, r, test.change(commitsOf(t, r)))
			stream := test.seq // a commit a record, but for the one that got two
			if test.given == "an id twice in one commit" {
				stream = at
			}
			_, err := eventstore.Verify(t.Context(), r.manifest, log, domain.Position{}, newFolded(), nil)
			wantFault(t, err, stream, test.seq, test.says)
		})
	}
}

// A bad name is nowhere kept, and its record is verified from its event all the
// same.
func TestVerifyOfUnattributedAttempts(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	for i, user := range []string{"", "A", "hunter2!", "é", "ok"} {
		begin := command(string(rune('a'+i)), &domain.LoginBegin{User: user, Attempt: "a", Platform: "tws", IP: "192.0.2.7", UserAgent: "x"})
		do(t, l, begin)
	}
	do(t, l, command("u", &domain.LoginReport{User: "mallory", Outcome: domain.Failed, Reason: domain.UnknownUser, IP: "192.0.2.7"}))
	mustClose(t, l)
	r.verify(6)
}
