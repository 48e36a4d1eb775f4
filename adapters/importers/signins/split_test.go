package signins

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// split returns the entries of a file: elements in angle brackets, "!" for one that is
// too long, "cut" for an array that does not end.
func split(t *testing.T, in io.Reader) (got []string) {
	t.Helper()
	for s := newSplitter(in); ; {
		e, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			return got
		case err != nil:
			t.Fatal(err)
		case e.cut:
			got = append(got, "cut")
		case e.long:
			got = append(got, "!")
		case e.element:
			got = append(got, "<"+string(e.text)+">")
		default:
			got = append(got, string(e.text))
		}
	}
}

// TestSplit checks that files of JSON lines, arrays and envelopes give the same events for every
// layout of blanks and lines.
func TestSplit(t *testing.T) {
	largest := `{"x":"` + strings.Repeat("x", LineBytesMax-len(`{"x":""}`)) + `"}`
	longer := strings.Replace(largest, "x", "xx", 1)
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"lines", "{\"a\":1}\r\n\n {\"b\":2}\nx", []string{`{"a":1}`, "", ` {"b":2}`, "x"}},
		{"an array", `[{"a":1},{"b":[2,{"c":"]}"}]}]`, []string{`<{"a":1}>`, `<{"b":[2,{"c":"]}"}]}>`}},
		{"a pretty array", "[\n  {\n    \"a\": 1\n  },\n  {\"b\": \"\\\"}\"}\n]\n",
			[]string{"<{\n    \"a\": 1\n  }>", `<{"b": "\"}"}>`}},
		{"an empty array", "[]\n{\"a\":1}", []string{`{"a":1}`}},
		{"an array after a mark", "\uFEFF[{\"a\":1}]", []string{`<{"a":1}>`}},
		{"two arrays", "[{\"a\":1}]\n[{\"b\":2}]\n", []string{`<{"a":1}>`, `<{"b":2}>`}},
		{"two arrays on a line", `[{"a":1}] [{"b":2}]`, []string{`<{"a":1}>`, `<{"b":2}>`}},
		{"an array among lines", "{\"a\":1}\n[{\"b\":2}]\n{\"c\":3}", []string{`{"a":1}`, `<{"b":2}>`, `{"c":3}`}},
		{"a page of Graph",
			`{"@odata.context":"https://x/[","n":{"value":[{}]},"value":[{"a":1},{"b":2}],"@odata.nextLink":"x"}`,
			[]string{`<{"a":1}>`, `<{"b":2}>`}},
		{"a pretty page of Graph",
			"{\n  \"@odata.context\": \"x\",\n  \"value\": [\n    {\n      \"a\": 1\n    }\n  ],\n  \"z\": {\"y\": " +
				"[1, \"}\"]}\n}\n{\"b\":2}", []string{"<{\n      \"a\": 1\n    }>", `{"b":2}`}},
		{"an envelope a line", "{\"records\":[{\"a\":1},{\"b\":2}]}\n{\"records\":[{\"c\":3}]}\n",
			[]string{`<{"a":1}>`, `<{"b":2}>`, `<{"c":3}>`}},
		{"an empty envelope", `{"value":[]}`, nil},
		{"a value that is no array", `{"value":"x","records":[1]}`, []string{`{"value":"x","records":[1]}`}},
		{"an event that holds the names deeper", `{"details":{"value":[{}],"records":[{}]}}`,
			[]string{`{"details":{"value":[{}],"records":[{}]}}`}},
		{"elements that are no objects", `[{},1,"a]",[2],null]`,
			[]string{"<{}>", "<1>", `<"a]">`, "<[2]>", "<null>"}},
		{"an array that is cut", `[{"a":1},{"b":`, []string{`<{"a":1}>`, "cut"}},
		{"an array that is cut between", "[{\"a\":1},\n", []string{`<{"a":1}>`, "cut"}},
		{"an envelope that is cut after the array", `{"value":[{"a":1}]`, []string{`<{"a":1}>`}},
		{"text after an array", "[{\"a\":1}]x\n{\"b\":2}", []string{`<{"a":1}>`, "x", `{"b":2}`}},
		{"text in brackets", "[main] started {\n[2026-03-02] x", []string{"[main] started {", "[2026-03-02] x"}},
		{"a pretty page of Graph after a line", "{\"b\":2}\n{\n\"value\": [{}]\n}",
			[]string{`{"b":2}`, "{", `"value": [{}]`, "}"}},
		{"an envelope after a line", "{}\n{\"value\":[{\"a\":1}]} ", []string{"{}", `<{"a":1}>`}},
		{"an envelope longer than a line after a line", "{}\n" + `{"value":[` + largest + `,{"b":2}]}`,
			[]string{"{}", "<" + largest + ">", `<{"b":2}>`}},
		{"pretty objects", "{\n\"a\":1\n}\n", []string{"{", `"a":1`, "}"}},
		{"the largest element", "[" + largest + `,{"b":2}]`, []string{"<" + largest + ">", `<{"b":2}>`}},
		{"a longer element", "[" + longer + `,{"b":2}]`, []string{"!", `<{"b":2}>`}},
		{"a longer line", longer + "\n" + `{"b":2}`, []string{"!", `{"b":2}`}},
		{"an array longer than a line", "[" + strings.Repeat(`{"a":1},`, LineBytesMax/4) + `{"b":2}]`,
			append(slices.Repeat([]string{`<{"a":1}>`}, LineBytesMax/4), `<{"b":2}>`)},
		{"an envelope longer than a line", `{"value":[` + strings.Repeat(`{"a":1},`, LineBytesMax/4) + `{"b":2}]}`,
			append(slices.Repeat([]string{`<{"a":1}>`}, LineBytesMax/4), `<{"b":2}>`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(c.in), iotest.HalfReader(strings.NewReader(c.in)),
				iotest.DataErrReader(strings.NewReader(c.in))} {
				if got := split(t, in); !slices.Equal(got, c.want) {
					t.Errorf("got %.200q, want %.200q", got, c.want)
				}
			}
		})
	}
}

// The splitter does not hold an element beyond the limit of its length.
func TestSplit_HoldsOneEntry(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`[{"a":"`), io.LimitReader(repeated('x'), 16<<20),
		strings.NewReader(`"},{"b":2}]`))
	s := newSplitter(endless)
	if e, err := s.next(); err != nil || !e.long || cap(s.text) > 2*LineBytesMax {
		t.Errorf("long element: got long %t, %v, %d bytes in memory, want true and at most %d", e.long, err,
			cap(s.text), 2*LineBytesMax)
	}
	if e, err := s.next(); err != nil || string(e.text) != `{"b":2}` {
		t.Errorf("element after the long one: got %q, %v, want {\"b\":2}", e.text, err)
	}
}

type repeated byte

func (r repeated) Read(b []byte) (int, error) {
	return copy(b, bytes.Repeat([]byte{byte(r)}, len(b))), nil
}

// The splitter returns a read error, also within an array.
func TestSplit_ReadingFails(t *testing.T) {
	broken := errors.New("disk read error")
	for _, in := range []string{"", "[", `[{"a":1},`, `[{"a":`, `[{"a":1}]`, `{"value":[{}]`,
		strings.Repeat("x", windowBytes)} {
		s := newSplitter(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)))
		var err error
		for n := 0; err == nil && n < 5; n++ {
			_, err = s.next()
		}
		if !errors.Is(err, broken) {
			t.Errorf("%.20q: got error %v, want %v", in, err, broken)
		}
	}
}

// BenchmarkSplit reads lines that hold the member value deeper, as Entra's do.
func BenchmarkSplit(b *testing.B) {
	line := `{"category":"SignInLogs","properties":{"authenticationProcessingDetails":[{"key":"a",` +
		`"value":"b"}],"x":"` + strings.Repeat("y", 1500) + `"}}` + "\n"
	file := strings.Repeat(line, 2000)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		s := &splitter{in: bufio.NewReaderSize(strings.NewReader(file), 4*windowBytes)}
		for {
			if _, err := s.next(); err != nil {
				break
			}
		}
	}
}
