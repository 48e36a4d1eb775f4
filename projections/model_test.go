package projections

import (
	"hash/maphash"
	"maps"
	"slices"
	"testing"

	"authledger/domain"
	"authledger/projections/logtest"
	"authledger/projections/rows"
)

// model is the reference fold: a map of rows, without a cache, one record after the other.
// The sum of its rows identifies its state.
type model struct {
	rows map[string]string
	sum  uint64
}

func newModel() *model { return &model{rows: map[string]string{}} }

func (m *model) Get(dst []byte, k rows.Key) ([]byte, bool, error) {
	row, found := m.rows[string(k)]
	return append(dst, row...), found, nil
}

func (m *model) Put(k rows.Key, row []byte) {
	m.Remove(k)
	m.rows[string(k)] = string(row)
	m.sum += rowSum(k, row)
}

func (m *model) Remove(k rows.Key) {
	if row, found := m.rows[string(k)]; found {
		m.sum -= rowSum(k, []byte(row))
		delete(m.rows, string(k))
	}
}

var sumSeed = maphash.MakeSeed()

func rowSum(k rows.Key, row []byte) uint64 {
	return maphash.Bytes(sumSeed,
		append(append(append([]byte(nil), byte(len(k)>>8), byte(len(k))), k...), row...))
}

func (m *model) fold(c *domain.Commit) {
	for i := range c.Records {
		m.record(c, &c.Records[i])
	}
	k, row := rows.EncodeCheckpoint(versions(), c.End(), c.Time)
	m.Put(k, row)
}

func (m *model) record(c *domain.Commit, r *domain.Record) {
	changes, err := new(domain.Fold).Take(m, r)
	if err != nil {
		panic(err)
	}
	s := Step{Commit: c, Record: r, Changes: changes}
	if err := s.setRows(m); err != nil {
		panic(err)
	}
	for _, p := range catalog {
		table := newTable(p, m)
		if err := p.Fold(&table, &s); err != nil {
			panic(err)
		}
		table.flush()
	}
}

// User, Account and Item return the states in the rows of the model.

func (m *model) User(name string) (domain.User, error) {
	row, err := m.user(name)
	return row.user, err
}

func (m *model) user(name string) (*userRow, error) {
	row := new(userRow)
	table := newTable(users, m)
	_, err := table.Get(table.Key().Tail(name), row)
	return row, err
}

func (m *model) Account(id string) (domain.Account, error) {
	row, err := m.account(id)
	return row.account, err
}

func (m *model) account(id string) (*accountRow, error) {
	row := new(accountRow)
	table := newTable(accounts, m)
	_, err := table.Get(table.Key().Tail(id), row)
	return row, err
}

func (m *model) Item(k domain.ItemKey) (domain.Item, error) {
	row, found := m.rows[string(itemKey(items.key(), k))]
	if !found {
		return nil, nil
	}
	return decodeItem(k, []byte(row))
}

// sums returns the sum of the model after each commit of a history. The first sum, of no
// commit, is 0.
func sums(h *logtest.History) []uint64 {
	m := newModel()
	all := []uint64{0}
	for _, c := range h.Commits {
		m.fold(c)
		all = append(all, m.sum)
	}
	return all
}

// dump returns all rows of an engine, with the checkpoint of its position. The checkpoint in
// Pebble may be older.
func dump(t testing.TB, e *Engine) (map[string]string, error) {
	t.Helper()
	v, err := e.View(t.Context())
	if err != nil {
		return nil, err
	}
	defer v.Close()
	all := map[string]string{}
	for k, row := range v.Scan(nil, nil) {
		all[string(k)] = string(row)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, at, err := v.Position()
	if p.Seq > 0 {
		k, row := rows.EncodeCheckpoint(versions(), p, at)
		all[string(k)] = string(row)
	}
	return all, err
}

func sumOf(all map[string]string) uint64 {
	var sum uint64
	for k, row := range all {
		sum += rowSum(rows.Key(k), []byte(row))
	}
	return sum
}

// checkRows compares all rows of an engine with the model at the position of the engine.
func checkRows(t testing.TB, e *Engine, h *logtest.History) {
	t.Helper()
	m := newModel()
	for _, c := range h.Commits[:e.Position().Stream] {
		m.fold(c)
	}
	got, err := dump(t, e)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Sorted(maps.Keys(m.rows)) {
		if row, found := got[k]; row != m.rows[k] || !found {
			t.Fatalf("row %q: got %q, found %t, want %q", k, row, found, m.rows[k])
		}
	}
	if len(got) != len(m.rows) {
		t.Fatalf("got %d rows, want %d", len(got), len(m.rows))
	}
}

func keysOf(all map[string]string) []string { return slices.Collect(maps.Keys(all)) }

func sortedNames(names []string) []string { return slices.Sorted(slices.Values(names)) }
