package ingest

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"

	"authledger/domain"
)

// batchOf returns a batch of lines in this order. Lines with an odd number have a verdict.
func batchOf(lines ...int) *Batch {
	b := new(Batch)
	for _, line := range lines {
		b.items = append(b.items, Item{Line: line, passedOver: line%2 == 0})
		if line%2 == 1 {
			b.Pending = append(b.Pending, Pending{line: line, Verdict: domain.Verdict{Seq: uint64(line)}})
		}
	}
	return b
}

// written returns the numbers of the lines whose verdicts are in the file.
func written(t *testing.T, out []byte) (lines []int) {
	t.Helper()
	for text := range bytes.Lines(out) {
		var v struct{ Seq int }
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, v.Seq)
	}
	return lines
}

// TestVerdictFile_Order checks that the file contains the verdicts in the order of the lines, also
// if the ledger decides the commands in another order (contract.md, import).
func TestVerdictFile_Order(t *testing.T) {
	var out bytes.Buffer
	f := newVerdictFile(io.NopCloser(nil), &out)
	for _, step := range []struct {
		batch *Batch
		want  []int
	}{
		{batchOf(1, 2, 3), []int{1, 3}},
		{batchOf(9, 8), []int{1, 3}},
		{batchOf(5), []int{1, 3}},
		{batchOf(4, 7), []int{1, 3, 5}},
		{batchOf(6), []int{1, 3, 5, 7, 9}},
		{batchOf(13, 11), []int{1, 3, 5, 7, 9}},
	} {
		if err := f.Write(step.batch); err != nil {
			t.Fatal(err)
		}
		if got := written(t, out.Bytes()); !slices.Equal(got, step.want) {
			t.Fatalf("written file: got the verdicts of lines %v, want %v", got, step.want)
		}
	}
	if err := f.Close(); err != nil || !slices.Equal(written(t, out.Bytes()), []int{1, 3, 5, 7, 9, 11, 13}) {
		t.Errorf("after Close: got the verdicts of lines %v, error %v, want odd lines from 1 to 13",
			written(t, out.Bytes()), err)
	}
}

// TestVerdictFile_ManyEarlyVerdicts checks that a limited number of verdicts waits for an earlier
// line, and that the file writes the others out of order.
func TestVerdictFile_ManyEarlyVerdicts(t *testing.T) {
	var out bytes.Buffer
	f := newVerdictFile(io.NopCloser(nil), &out)
	f.most = 3
	for _, line := range []int{9, 7, 5, 3, 11, 1} {
		if err := f.Write(batchOf(line)); err != nil {
			t.Fatal(err)
		}
		if len(f.early) > f.most {
			t.Errorf("got %d waiting verdicts, want at most %d", len(f.early), f.most)
		}
	}
	if got := written(t, out.Bytes()); !slices.Equal(got, []int{3, 5, 7, 9, 1}) {
		t.Errorf("got the verdicts of lines %v, want [3 5 7 9 1]", got)
	}
}

// TestBatch_TruncateOutOfOrder checks that truncate removes the later items of the batch, which are
// not the items with higher line numbers.
func TestBatch_TruncateOutOfOrder(t *testing.T) {
	b := batchOf(9, 8, 3, 4, 5)
	b.truncate(1, io.ErrUnexpectedEOF)
	if len(b.items) != 2 || b.items[0].Line != 9 || b.items[1].Line != 8 || len(b.Pending) != 1 {
		t.Errorf("truncate: got items %+v and pending commands %+v, want lines 9 and 8 and one command",
			b.items, b.Pending)
	}
}
