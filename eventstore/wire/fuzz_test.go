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
		f.Fatal("no seeds", err)
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
			t.Fatalf("the tokenizer rejects a text that ReadRecord accepts: %s", text)
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
			t.Fatal("a record has two texts")
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
				t.Fatalf("rejection without a reason or detail: %+v", fault)
			}
			return
		}
		sent := AppendCommand(nil, &c)
		again, fault := ReadCommand(sent)
		if fault != nil {
			t.Fatalf("%v\n%s", fault, sent)
		}
		if diff := cmp.Diff(c, again, asRead); diff != "" {
			t.Fatalf("(-read +read again)\n%s", diff)
		}
		if Content(&c, false) != Content(&again, false) {
			t.Fatal("the content differs after a round trip")
		}
	})
}
