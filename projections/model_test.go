package projections

import (
	"hash/maphash"
	"maps"
	"slices"
	"testing"

	"authledger/domain"
)

// model is the naive fold: a map, one record after the other, nothing cached. A
// sum over its rows tells two of its states apart.
type model struct {
	rows map[string]string
	sum  uint64
}

func newModel() *model { return &model{rows: map[string]string{}} }

func (m *model) get(dst []byte, k key) ([]byte, bool, error) {
	row, found := m.rows[string(k)]
	return append(dst, row...), found, nil
}

func (m *model) put(k key, row []byte) {
	m.remove(k)
	m.rows[string(k)] = string(row)
	m.sum += rowSum(k, row)
}

func (m *model) remove(k key) {
	if row, found := m.rows[string(k)]; found {
		m.sum -= rowSum(k, []byte(row))
		delete(m.rows, string(k))
	}
}

var sumSeed = maphash.MakeSeed()

func rowSum(k key, row []byte) uint64 {
	return maphash.Bytes(sumSeed, append(append(append([]byte(nil), byte(len(k)>>8), byte(len(k))), k...), row...))
}

func (m *model) fold(c *domain.Commit) {
	for i := range c.Records {
		m.record(c, &c.Records[i])
	}
	m.put(checkpointKey, encodeRow(nil, checkpointAt(c.End(), c.Time)))
}

func (m *model) record(c *domain.Commit, r *domain.Record) {
	changes, err := new(domain.Fold).Take(m, r)
	if err != nil {
		panic(err)
	}
	s := Step{Commit: c, Record: r, Changes: changes}
	for i := range changes.Users {
		u := &changes.Users[i]
		row := &userRow{int64(r.Seq), u.After}
		s.Users = append(s.Users, UserStep{domain.UserEntity(u.Name), u.Name, &u.Before, &row.user, row})
	}
	for _, p := range catalog {
		rows := newRows(p, m)
		if err := p.Fold(&rows, &s); err != nil {
			panic(err)
		}
	}
}

// User, Account and Item are what the model's rows say.

func (m *model) User(name string) (domain.User, error) {
	var row userRow
	rows := newRows(users, m)
	_, err := rows.Get(rows.Key().tail(name), &row)
	return row.user, err
}

func (m *model) Account(id string) (domain.Account, error) {
	var row accountRow
	rows := newRows(accounts, m)
	_, err := rows.Get(rows.Key().tail(id), &row)
	return row.account, err
}

func (m *model) Item(k domain.ItemKey) (domain.Item, error) {
	row, found := m.rows[string(itemKey(items.key(), k))]
	if !found {
		return nil, nil
	}
	return decodeItem(k, []byte(row))
}

// sums is the model's sum after each commit of a history, and 0 before the first.
func sums(h *history) []uint64 {
	m := newModel()
	all := []uint64{0}
	for _, c := range h.commits {
		m.fold(c)
		all = append(all, m.sum)
	}
	return all
}

// dump is all rows of an engine.
func dump(t testing.TB, e *Engine) (map[string]string, error) {
	t.Helper()
	v, err := e.view(t.Context())
	if err != nil {
		return nil, err
	}
	defer v.close()
	rows := map[string]string{}
	for k, row := range v.scan(nil, nil) {
		rows[string(k)] = string(row)
	}
	return rows, v.err
}

func sumOf(rows map[string]string) uint64 {
	var sum uint64
	for k, row := range rows {
		sum += rowSum(key(k), []byte(row))
	}
	return sum
}

// checkRows compares all rows of an engine to the model at its position.
func checkRows(t testing.TB, e *Engine, h *history) {
	t.Helper()
	m := newModel()
	for _, c := range h.commits[:e.Position().Stream] {
		m.fold(c)
	}
	rows, err := dump(t, e)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Sorted(maps.Keys(m.rows)) {
		if got, found := rows[k]; got != m.rows[k] || !found {
			t.Fatalf("row %q is %q, %t; want %q", k, got, found, m.rows[k])
		}
	}
	if len(rows) != len(m.rows) {
		t.Fatalf("%d rows, want %d", len(rows), len(m.rows))
	}
}

func keysOf(rows map[string]string) []string { return slices.Collect(maps.Keys(rows)) }

func sortedNames(names []string) []string { return slices.Sorted(slices.Values(names)) }
