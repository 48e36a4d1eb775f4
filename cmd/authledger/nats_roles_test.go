package main

import (
	"sync"
	"testing"
	"time"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
)

// TestNATSRoles checks the permissions of every role against the role table: a caller may use
// the subjects of its role under its own name, no subjects of other callers, and none of the
// streams.
func TestNATSRoles(t *testing.T) {
	s := serveOverNATS(t)
	var group sync.WaitGroup
	cells := make(chan bool, 4096)
	for _, role := range access.Roles() {
		c := s.connect(t, string(role))
		other := "gateway"
		if role == access.Gateway {
			other = "importer"
		}
		want := func(may bool, verb func(*testing.T, string) bool, subject string) {
			if verb(t, subject) != may {
				t.Errorf("role %s, subject %s: got permitted %t, want %t", role, subject, !may, may)
			}
			cells <- may
		}
		group.Go(func() {
			commands := false
			for _, kind := range domain.ClientCommands() {
				may := role.May(access.Right(kind))
				commands = commands || may
				want(may, c.mayPublish, "ledger.main.command."+c.name+"."+kind)
				want(false, c.mayPublish, "ledger.main.command."+other+"."+kind)
			}
			for _, o := range operations.All() {
				want(role.May(access.Right(o.Right)), c.mayPublish, "ledger.main.query."+c.name+"."+o.Name)
				want(false, c.mayPublish, "ledger.main.query."+other+"."+o.Name)
			}
			want(commands, c.mayPublish, "ledger.main.command."+c.name+".batch")
			want(commands, c.mayPublish, natsconn.IntakeSubject("main", c.name))
			want(false, c.mayPublish, natsconn.IntakeSubject("main", other))
			want(false, c.maySubscribe, "ledger.main.events.>")
			for _, kind := range domain.EventTypes() {
				want(role.MaySee(kind) && !role.IsRecorded(), c.maySubscribe, natsconn.EventSubject("main", kind))
			}
			recorded := role.May(access.ReadLiveEvents) && role.IsRecorded()
			want(recorded, c.mayPublish, "ledger.main.query."+c.name+".events")
			want(recorded, c.maySubscribe, natsconn.SessionSubject("main", c.name, ">"))
			want(false, c.maySubscribe, natsconn.SessionSubject("main", other, ">"))
			want(false, c.maySubscribe, "ledger.main.read.>")
			want(false, c.mayPublish, natsconn.SessionSubject("main", c.name, "login.failed"))
			want(false, c.mayPublish, "ledger.main.events.login.failed")
			want(role.May(access.ReadMetrics), c.mayPublish, "$SRV.STATS.authledger")
			want(true, c.mayPublish, "$SRV.PING")
			want(true, c.maySubscribe, "_INBOX."+c.name+".x")
			for _, subject := range []string{"_INBOX." + other + ".x", "_INBOX.>", ">", "ledger.>", "$JS.>", "$SYS.>",
				"ledger.main.command.>", "ledger.main.command." + c.name + ".batch", "ledger.main.query." + c.name +
					".policy", "ledger.main.intake.>", "$SRV.>", "$SRV.PING", "_R_.>"} {
				want(false, c.maySubscribe, subject)
				want(false, c.mayShare, subject)
			}
			for _, subject := range streamSubjects() {
				want(false, c.mayPublish, subject)
			}
		})
	}
	group.Wait()
	close(cells)
	allowed, all := 0, 0
	for may := range cells {
		all++
		if may {
			allowed++
		}
	}
	s.wantOwnLog(t)
	t.Logf("%d pairs of role and subject for %d roles: %d permitted, %d refused by the server",
		all, len(access.Roles()), allowed, all-allowed)
}

// wantOwnLog waits until the last position of the log is that of the ledger. A message of
// another writer in the log would prevent that.
func (s *overNATS) wantOwnLog(t *testing.T) {
	t.Helper()
	for begun := time.Now(); ; {
		at, err := s.Store.Last(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ledger := s.Rows.Position()
		if at == ledger.Stream {
			return
		}
		if time.Since(begun) > natsTimeout {
			t.Fatalf("end of the log: got position %d, want the ledger's %+v", at, ledger)
		}
	}
}

// streamSubjects returns subjects with which clients write, read and configure streams.
func streamSubjects() []string {
	all := []string{"ledger.main.log", "ledger.main.dlq.1", "$JS.ACK.x", "$SYS.REQ.SERVER.PING",
		"$SYS.REQ.ACCOUNT.PING.CONNZ", "$JS.API.INFO", "$JS.API.META.LEADER.STEPDOWN"}
	for _, stream := range []string{"LEDGER_main", "INTAKE_main", "DLQ_main"} {
		for _, verb := range []string{
			"STREAM.CREATE", "STREAM.UPDATE", "STREAM.DELETE", "STREAM.PURGE", "STREAM.INFO", "STREAM.MSG.DELETE",
			"STREAM.MSG.GET", "STREAM.SNAPSHOT",
			"STREAM.RESTORE", "STREAM.LEADER.STEPDOWN", "CONSUMER.CREATE", "CONSUMER.DURABLE.CREATE", "CONSUMER.LIST",
			"DIRECT.GET",
		} {
			all = append(all, "$JS.API."+verb+"."+stream)
		}
		all = append(all, "$JS.API.CONSUMER.CREATE."+stream+".mine",
			"$JS.API.CONSUMER.CREATE."+stream+".mine.ledger.main.log", "$JS.API.CONSUMER.MSG.NEXT."+stream+".mine")
	}
	return all
}
