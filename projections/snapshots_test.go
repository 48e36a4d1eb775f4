package projections

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/domain"
	"authledger/projections/logtest"
)

func TestSnapshotFindsNewestAtOrBeforeInstant(t *testing.T) {
	e := open(t, "/d", quiet(vfs.NewMem()))
	defer closeAll(t, e)
	var records []domain.Record
	for _, c := range logtest.NewTraffic(1).Commits(1000) {
		if err := e.Fold(c); err != nil {
			t.Fatal(err)
		}
		records = append(records, c.Records...)
	}
	v, err := e.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for seq := uint64(0); seq <= 1000; seq += 7 {
		for _, last := range []uint64{0, 1, 15, 16, 17, 500, 999, 1000} {
			at := logtest.Epoch
			if last > 0 {
				at = records[last-1].Time
			}
			got, err := v.Snapshot(domain.UserEntity(logtest.UserName(0)), seq, at)
			if err != nil {
				t.Fatal(err)
			}
			if want := min(seq, last) / SnapshotEvery * SnapshotEvery; got.Seq != want {
				t.Fatalf("snapshot up to record %d and the time of record %d: got record %d, want %d", seq, last,
					got.Seq, want)
			}
		}
	}
}
