package wire

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// FuzzReadRecord checks that a text that is read as a record is strict JSON and the only
// text of that record.
func FuzzReadRecord(f *testing.F) {
	files, err := filepath.Glob("testdata/records/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("seeds: got %d files, %v, want at least 1", len(files), err)
	}
	for _, file := range files {
		f.Add(bytes.TrimSpace(mustRead(f, file)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ReadRecord(text)
		if err != nil {
			return
		}
		if !jsontext.Value(text).IsValid() {
			t.Fatalf("record: got a text that is not valid JSON, want a rejection: %s", text)
		}
		// The data may lack members of newer versions. Writing adds them.
		written := AppendRecord(nil, &r)
		again, err := ReadRecord(written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if diff := cmp.Diff(r, again, asRead); diff != "" {
			t.Fatalf("(-read +read again)\n%s", diff)
		}
		if !bytes.Equal(AppendRecord(nil, &again), written) {
			t.Fatalf("record, written twice: got\n%s\nwant\n%s", AppendRecord(nil, &again), written)
		}
	})
}

// FuzzReadCommand checks that a command that was read is equal after it is written and
// read again.
func FuzzReadCommand(f *testing.F) {
	f.Add([]byte(goodEvent))
	for _, kind := range clientTypes {
		golden := bytes.TrimSpace(mustRead(f, "../../domain/testdata/commands/"+kind+".json"))
		f.Add(bytes.Replace([]byte(data(string(golden))), []byte("login.report"), []byte(kind), 1))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, fault := ReadCommand(text)
		if fault != nil {
			if fault.Reason == "" || fault.Detail == "" {
				t.Fatalf("rejection: got %+v, want a reason and a detail", fault)
			}
			return
		}
		sent := AppendCommand(nil, &c)
		again, fault := ReadCommand(sent)
		if fault != nil {
			t.Fatalf("command, read back: got rejection %v, want none\n%s", fault, sent)
		}
		if diff := cmp.Diff(c, again, asRead); diff != "" {
			t.Fatalf("(-read +read again)\n%s", diff)
		}
		if Content(&c, false) != Content(&again, false) {
			t.Fatalf("content after a round trip: got %x, want %x", Content(&again, false), Content(&c, false))
		}
	})
}
