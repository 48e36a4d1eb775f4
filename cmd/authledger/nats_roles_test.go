package main

import (
	"sync"
	"testing"
	"time"

	"authledger/access"
	"authledger/adapters/natsapi"
	"authledger/domain"
)

// Every role may say what the table of rights says, under its own name, and nothing
// else: neither another's, nor the feed, nor anything of the streams'.
func TestNATSRoles(t *testing.T) {
	s := serveOverNATS(t)
	asked := map[string]access.Right{
		"lockout": access.ReadLockout, "devices": access.ReadDevices, "codes": access.ReadCodes, "sharings": access.ReadSharings,
		"timeline": access.ReadTimeline, "troubleshoot": access.ReadTroubleshoot, "withdrawals": access.ReadWithdrawals,
		"account-timeline": access.ReadTimeline, "lockouts": access.ReadLockouts, "records": access.ReadRecords, "record": access.ReadRecords,
		"why": access.ReadWhy, "policy": access.ReadPolicy, "letters": access.ReadLetters, "letter": access.ReadLetters,
		"letter-retry": access.RetryLetters, "letter-drop": access.RetryLetters,
	}
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
				t.Errorf("%s on %s: %t, want %t", role, subject, !may, may)
			}
			cells <- may
		}
		group.Go(func() {
			commands := false
			for _, kind := range domain.ClientCommands() {
				may := role.May(access.Right(kind))
				commands = commands || may
				want(may, c.mayPublish, "ledger.main.do."+c.name+"."+kind)
				want(false, c.mayPublish, "ledger.main.do."+other+"."+kind)
			}
			for name, right := range asked {
				want(role.May(right), c.mayPublish, "ledger.main.ask."+c.name+"."+name)
				want(false, c.mayPublish, "ledger.main.ask."+other+"."+name)
			}
			want(commands, c.mayPublish, "ledger.main.do."+c.name+".batch")
			want(commands, c.mayPublish, natsapi.IntakeSubject("main", c.name))
			want(false, c.mayPublish, natsapi.IntakeSubject("main", other))
			want(role.May(access.ReadFeed), c.maySubscribe, "ledger.main.feed.>")
			want(false, c.mayPublish, "ledger.main.feed.login.failed")
			want(role.May(access.ReadMetrics), c.mayPublish, "$SRV.STATS.authledger")
			want(true, c.mayPublish, "$SRV.PING")
			want(true, c.maySubscribe, "_INBOX."+c.name+".x")
			for _, subject := range []string{"_INBOX." + other + ".x", "_INBOX.>", ">", "ledger.>", "$JS.>", "$SYS.>", "ledger.main.do.>", "ledger.main.do." + c.name + ".batch", "ledger.main.ask." + c.name + ".policy", "ledger.main.intake.>", "$SRV.>", "$SRV.PING", "_R_.>"} {
				want(false, c.maySubscribe, subject)
				want(false, c.mayShare, subject)
			}
			for _, subject := range forbidden() {
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
	s.logIsItsOwn(t)
	t.Logf("%d cells, tried by clients of %d roles: %d allowed, %d refused by the server", all, len(access.Roles()), allowed, all-allowed)
}

// logIsItsOwn wants the log to end where the ledger does, once nothing is under way any
// more: behind what somebody else has put there the ledger never gets.
func (s *overNATS) logIsItsOwn(t *testing.T) {
	t.Helper()
	for begun := time.Now(); ; {
		at, err := s.store.Last(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ledger := s.rows.Position()
		if at == ledger.Stream {
			return
		}
		if time.Since(begun) > natsPatience {
			t.Fatalf("the log ends at %d, the ledger at %+v", at, ledger)
		}
	}
}

// forbidden are the subjects by which streams are written, read and configured.
func forbidden() []string {
	all := []string{"ledger.main.log", "ledger.main.dlq.1", "$JS.ACK.x", "$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.PING.CONNZ", "$JS.API.INFO", "$JS.API.META.LEADER.STEPDOWN"}
	for _, stream := range []string{"LEDGER_main", "INTAKE_main", "DLQ_main"} {
		for _, verb := range []string{
			"STREAM.CREATE", "STREAM.UPDATE", "STREAM.DELETE", "STREAM.PURGE", "STREAM.INFO", "STREAM.MSG.DELETE", "STREAM.MSG.GET", "STREAM.SNAPSHOT",
			"STREAM.RESTORE", "STREAM.LEADER.STEPDOWN", "CONSUMER.CREATE", "CONSUMER.DURABLE.CREATE", "CONSUMER.LIST", "DIRECT.GET",
		} {
			all = append(all, "$JS.API."+verb+"."+stream)
		}
		all = append(all, "$JS.API.CONSUMER.CREATE."+stream+".mine", "$JS.API.CONSUMER.CREATE."+stream+".mine.ledger.main.log", "$JS.API.CONSUMER.MSG.NEXT."+stream+".mine")
	}
	return all
}
