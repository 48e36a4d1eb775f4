package queries

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections"
	"authledger/projections/logtest"
)

// realmTraffic makes, for each user, a device and a code; for some users also a withdrawal, a
// sharing and a lockout. It does not decide the commands.
type realmTraffic struct {
	seq, stream uint64
	now         time.Time
	hash        domain.Hash
	commit      *domain.Commit
	fold        func(*domain.Commit) error
}

const benchUsers = 1_000_000

func (t *realmTraffic) add(entity domain.Entity, data domain.CommandData, events ...domain.EventData) error {
	if t.commit == nil {
		t.commit = &domain.Commit{First: t.seq + 1, Stream: t.stream + 1, Prev: t.hash, Time: t.now}
	}
	t.seq++
	t.now = t.now.Add(time.Millisecond)
	r := domain.Record{
		Seq: t.seq, Entities: []domain.Entity{entity}, Time: t.now, Status: domain.Accepted,
		Command: domain.Command{
			Source: "gateway/portal", ID: fmt.Sprintf("e-%012d", t.seq), Time: t.now, Data: data,
		},
	}
	for _, e := range events {
		r.Events = append(r.Events, domain.Event{At: t.now, Data: e})
	}
	if s, ok := data.(*domain.SharingRequest); ok {
		r.Entities = []domain.Entity{domain.UserEntity(s.Requester), domain.UserEntity(s.Owner)}
	}
	t.commit.Records = append(t.commit.Records, r)
	if len(t.commit.Records) < 256 {
		return nil
	}
	return t.flush()
}

func (t *realmTraffic) flush() error {
	t.stream++
	t.hash[0], t.hash[1], t.hash[2] = byte(t.stream), byte(t.stream>>8), byte(t.stream>>16)
	t.commit.Hash = t.hash
	err := t.fold(t.commit)
	t.commit = nil
	return err
}

// user adds the records of the i-th user.
func (t *realmTraffic) user(i int) error {
	name := logtest.UserName(i)
	entity := domain.UserEntity(name)
	class := []string{domain.IBKRMobile, domain.IBKRMobile, domain.DigitalSecurityCardPlus, domain.Gold}[i%4]
	method := domain.Portal
	if class == domain.IBKRMobile {
		method = domain.QR
	}
	device := fmt.Sprintf("d-%d", i)
	events := []domain.EventData{&domain.DeviceActivated{}}
	if i%100 == 0 {
		events = append(events, &domain.LockoutStarted{Until: t.now.Add(time.Duration(i%3) * time.Hour)})
	}
	if err := t.add(entity, &domain.DeviceActivate{User: name, Device: device, Class: class, Method: method},
		events...); err != nil {
		return err
	}
	code := &domain.CodeIssue{User: name, Code: fmt.Sprintf("c-%d", i), Kind: domain.SMS}
	if err := t.add(entity, code, &domain.CodeIssued{Until: t.now.Add(5 * time.Minute)}); err != nil {
		return err
	}
	if i%4 == 0 {
		day := t.now.Format(time.DateOnly)
		w := &domain.WithdrawalRequest{
			Withdrawal: fmt.Sprintf("w-%d", i), Account: fmt.Sprintf("U%d", i/8), User: name, Device: device,
			Amount: fmt.Sprint(1 + i%100_000), Currency: "USD",
		}
		approved := &domain.WithdrawalApproved{USD: w.USD().String(), Class: class, Day: day, Zone: "UTC"}
		if err := t.add(domain.AccountEntity(w.Account), w, approved); err != nil {
			return err
		}
	}
	if i%1000 == 3 {
		s := &domain.SharingRequest{
			Sharing: fmt.Sprintf("s-%d", i), Requester: logtest.UserName(i - 1), Owner: name, Device: device,
		}
		events := []domain.EventData{&domain.SharingRequested{Class: class}, &domain.SharingPending{}}
		if i%5000 != 3 {
			events = append(events, &domain.SharingApproved{}, &domain.SharingGranted{})
		}
		return t.add(entity, s, events...)
	}
	return nil
}

// benchLists are the lists that the benchmark reads: name, filter and query.
var benchLists = []struct {
	name   string
	filter Filter
	read   pageReader
}{
	{"users", Filter{}, readUsers},
	{"users locked", Filter{Locked: pointer(true)}, readUsers},
	{"users not locked", Filter{Locked: pointer(false)}, readUsers},
	{"users without device", Filter{HasDevice: pointer(false)}, readUsers},
	{"users prefix u0000", Filter{Prefix: "u0000"}, readUsers},
	{"users prefix u00001", Filter{Prefix: "u00001"}, readUsers},
	{"users prefix none", Filter{Prefix: "x"}, readUsers},
	{"users active in the last minutes",
		Filter{ActiveSince: logtest.Epoch.Add(benchUsers * 2 * time.Millisecond)}, readUsers},
	{"devices", Filter{}, readDevices},
	{"devices active ibkr_mobile", Filter{State: domain.Active, Class: domain.IBKRMobile}, readDevices},
	{"devices shipped", Filter{State: domain.Shipped}, readDevices},
	{"devices of a user", Filter{User: logtest.UserName(5)}, readDevices},
	{"codes", Filter{}, readCodes},
	{"codes live", Filter{State: domain.Live}, readCodes},
	{"codes expired", Filter{State: domain.Expired}, readCodes},
	{"codes revoked", Filter{State: domain.Revoked}, readCodes},
	{"sharings pending", Filter{State: domain.Pending}, readSharings},
	{"withdrawals", Filter{}, readWithdrawals},
	{"withdrawals approved gold", Filter{State: domain.Approved, Class: domain.Gold}, readWithdrawals},
	{"withdrawals denied", Filter{State: domain.Denied}, readWithdrawals},
	{"withdrawals of a day", Filter{Day: "2026-03-02"}, readWithdrawals},
	{"withdrawals of an account", Filter{Account: "U7"}, readWithdrawals},
	{"withdrawals of 99,000 USD or more", Filter{MinUSD: 99_000_00}, readWithdrawals},
}

func pointer(is bool) *bool { return &is }

// pageReader reads a page of a list, and returns the number of its items.
type pageReader func(*Queries, context.Context, time.Time, Filter, Page) (*Part, int, error)

// Readers of the lists that the benchmark reads.
var (
	readUsers       = readerOf((*Queries).Users)
	readDevices     = readerOf((*Queries).RealmDevices)
	readCodes       = readerOf((*Queries).RealmCodes)
	readSharings    = readerOf((*Queries).RealmSharings)
	readWithdrawals = readerOf((*Queries).RealmWithdrawals)
)

func readerOf[T any, D interface {
	*T
	domain.Data
}](
	list func(*Queries, context.Context, time.Time, *uint64, Filter, Page) (*RealmList[T, D], error),
) pageReader {
	return func(q *Queries, ctx context.Context, at time.Time, f Filter, p Page) (*Part, int, error) {
		l, err := list(q, ctx, at, nil, f, p)
		return &l.Part, len(l.Items), err
	}
}

// BenchmarkRealmLists reads the first, the middle and the last page of lists of 1,000,000 users, and
// logs the percentiles of the durations.
func BenchmarkRealmLists(b *testing.B) {
	e, err := projections.Open(b.TempDir(), projections.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	e.Bulk(true)
	t := &realmTraffic{now: logtest.Epoch, fold: e.Fold}
	for i := range benchUsers {
		if err := t.user(i); err != nil {
			b.Fatal(err)
		}
	}
	if err := t.flush(); err != nil {
		b.Fatal(err)
	}
	if err := e.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	e.Bulk(false)
	b.Logf("%d records of %d users", t.seq, benchUsers)
	q := New(e, nil) // the present reads no record
	for _, of := range benchLists {
		b.Run(of.name, func(b *testing.B) { benchPages(b, q, t, of.filter, of.read) })
	}
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
}

func benchPages(b *testing.B, q *Queries, t *realmTraffic, f Filter,
	read func(*Queries, context.Context, time.Time, Filter, Page) (*Part, int, error)) {
	var all []time.Duration
	for b.Loop() {
		for place, seq := range []uint64{0, t.seq / 2, t.seq / 1000} {
			page := testPage(100, false, "")
			if place > 0 {
				entry := projections.Entry{Seq: seq, Key: domain.ItemKey{ID: "x"}}
				page.After = entry.Position()
			}
			begin := time.Now()
			_, n, err := read(q, b.Context(), t.now, f, page)
			all = append(all, time.Since(begin))
			if err != nil || n > 100 {
				b.Fatalf("got %d items, %v, want at most 100", n, err)
			}
		}
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100])/1e6, "p99-ms")
}
