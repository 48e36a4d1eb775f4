package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"

	"authledger/domain"
)

// batchOf is a batch of lines in the order given; odd ones have a verdict each.
func batchOf(lines ...int) *batch {
	b := new(batch)
	for _, line := range lines {
		b.items = append(b.items, item{line: line, passed: line%2 == 0})
		if line%2 == 1 {
			b.pending = append(b.pending, pending{line: line, verdict: domain.Verdict{Seq: uint64(line)}})
		}
	}
	return b
}

// written are the lines whose verdicts are in the file.
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

// Contract, import: verdicts come in the order of the input, also where attempts
// are decided in another.
func TestVerdictsAreInTheOrderOfTheLines(t *testing.T) {
	var out bytes.Buffer
	f := newVerdictFile(io.NopCloser(nil), &out)
	for _, step := range []struct {
		batch *batch
		want  []int
	}{
		{batchOf(1, 2, 3), []int{1, 3}},
		{batchOf(9, 8), []int{1, 3}},
		{batchOf(5), []int{1, 3}},
		{batchOf(4, 7), []int{1, 3, 5}},
		{batchOf(6), []int{1, 3, 5, 7, 9}},
		{batchOf(13, 11), []int{1, 3, 5, 7, 9}},
	} {
		if err := f.write(step.batch); err != nil {
			t.Fatal(err)
		}
		if got := written(t, out.Bytes()); !slices.Equal(got, step.want) {
			t.Fatalf("%v are written, want %v", got, step.want)
		}
	}
	if err := f.close(); err != nil || !slices.Equal(written(t, out.Bytes()), []int{1, 3, 5, 7, 9, 11, 13}) {
		t.Errorf("closed: %v, %v", written(t, out.Bytes()), err)
	}
}

// What is early is bounded, and written all the same.
func TestEarlyVerdictsAreBounded(t *testing.T) {
	var out bytes.Buffer
	f := newVerdictFile(io.NopCloser(nil), &out)
	f.most = 3
	for _, line := range []int{9, 7, 5, 3, 11, 1} {
		if err := f.write(batchOf(line)); err != nil {
			t.Fatal(err)
		}
		if len(f.early) > f.most {
			t.Errorf("%d are early", len(f.early))
		}
	}
	if got := written(t, out.Bytes()); !slices.Equal(got, []int{3, 5, 7, 9, 1}) {
		t.Errorf("%v are written", got)
	}
}

// A batch that ends early loses what comes after, not what has a later line.
func TestABatchOutOfOrderIsCut(t *testing.T) {
	b := batchOf(9, 8, 3, 4, 5)
	b.cut(1, io.ErrUnexpectedEOF)
	if len(b.items) != 2 || b.items[0].line != 9 || b.items[1].line != 8 || len(b.pending) != 1 {
		t.Errorf("%+v %+v", b.items, b.pending)
	}
}
