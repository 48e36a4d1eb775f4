package eventstore_test

import (
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore/audit"
)

// TestVerify_ForgedRecords checks that Verify names the first record that is not the
// decision on the records before it, also if the chain was forged to fit.
func TestVerify_ForgedRecords(t *testing.T) {
	r, _ := history(t)
	sound := forged(t, r, commitsOf(t, r))
	v, err := audit.Verify(t.Context(), r.manifest, sound, domain.Position{}, newFolded(), nil)
	if err != nil || v.Records != uint64(len(script())) {
		t.Fatalf("Verify of an unchanged log with a new chain: got %+v, %v, want %d records", v, err, len(script()))
	}
	const at = 5 // the third failure of alice, which locks
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
		text   string
	}{
		{"a changed status",
			record(func(r *domain.Record) { r.Status, r.Reason = domain.Refused, domain.LockedOut }), at,
			"not reproducible"},
		{"a changed result",
			record(func(r *domain.Record) { r.Result.(*domain.LoginResult).Locked = false }), at,
			"not reproducible"},
		{"a missing lockout", record(func(r *domain.Record) { r.Events = r.Events[:1] }), at,
			"not reproducible"},
		{"a longer lockout",
			record(func(r *domain.Record) {
				r.Events[1].Data.(*domain.LockoutStarted).Until = noon.Add(48 * time.Hour)
			}),
			at, "not reproducible"},
		{"another policy", record(func(r *domain.Record) { r.Policy = "ibkr-sls@1" }), at,
			"not reproducible"},
		{"another time", record(func(r *domain.Record) { r.Time = r.Time.Add(1) }), at, "not reproducible"},
		{"late without reason", record(func(r *domain.Record) { r.Late = true }), at, "not reproducible"},
		{"another entity", record(func(r *domain.Record) { r.Entities[0] = "user/bob" }), at,
			"not reproducible"},
		{"another user",
			record(func(r *domain.Record) { r.Command.Data.(*domain.LoginReport).User = "bob" }), at,
			"content hash"},
		{"another time of the command",
			record(func(r *domain.Record) { r.Command.Time = r.Command.Time.Add(1) }), at, "content hash"},
		{"a wrong content hash", record(func(r *domain.Record) { r.Content[7] ^= 1 }), at, "content hash"},
		{"a duplicate id", record(func(r *domain.Record) { r.Command.ID = "f2" }), at, "recorded twice"},
		{"an id twice in one commit", func(c []domain.Commit) []domain.Commit {
			c[at-1].Records = append(c[at-1].Records, c[at-1].Records[0])
			return c
		}, at + 1, "recorded twice"},
		// the finish of the begun login
		{"a lost commit", func(c []domain.Commit) []domain.Commit { return append(c[:1:1], c[2:]...) }, 6,
			"not reproducible"},
		{"two commits in the wrong order",
			func(c []domain.Commit) []domain.Commit { c[0], c[2] = c[2], c[0]; return c }, 1,
			"not reproducible"},
	} {
		t.Run(test.given, func(t *testing.T) {
			log := forged(t, r, test.change(commitsOf(t, r)))
			stream := test.seq // one record for each commit, except the commit with two
			if test.given == "an id twice in one commit" {
				stream = at
			}
			_, err := audit.Verify(t.Context(), r.manifest, log, domain.Position{}, newFolded(), nil)
			wantFault(t, err, stream, test.seq, test.text)
		})
	}
}

// TestVerify_UnattributedAttempts checks that a bad name is not stored, and that its
// record is verified from its event.
func TestVerify_UnattributedAttempts(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	for i, user := range []string{"", "A", "hunter2!", "é", "ok"} {
		begin := command(string(rune('a'+i)),
			&domain.LoginBegin{User: user, Attempt: "a", Platform: "tws", IP: "192.0.2.7", UserAgent: "x"})
		do(t, l, begin)
	}
	do(t, l,
		command("u",
			&domain.LoginReport{User: "mallory", Outcome: domain.Failed, Reason: domain.UnknownUser, IP: "192.0.2.7"}))
	mustClose(t, l)
	r.verify(6)
}
