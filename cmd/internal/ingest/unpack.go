package ingest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// zstdWindowBytes limits the memory for one zstd file. RFC 8878, 3.1.1.1.2 recommends that every
// decoder supports this window; zstd --long writes larger windows.
const zstdWindowBytes = 8 << 20

// form is a packed or encoded form of a file, identified by its first bytes.
type form struct {
	name   string
	magic  string
	at     int                                    // offset of the magic bytes
	unpack func(io.Reader) (io.ReadCloser, error) // nil if import does not read the form
	plain  string                                 // shell command that writes FILE as plain text
}

var forms = []form{
	{name: "gzip data", magic: "\x1f\x8b", unpack: unpackGzip, plain: "gzip -dc FILE"},
	{name: "zstd data", magic: "\x28\xb5\x2f\xfd", unpack: unpackZstd, plain: "zstd -dc --long=31 FILE"},
	{name: "zstd data", magic: "\x50\x2a\x4d\x18", unpack: unpackZstd, plain: "zstd -dc --long=31 FILE"}, // a skippable frame first, as pzstd writes it
	{name: "xz data", magic: "\xfd7zXZ\x00", plain: "xz -dc FILE"},
	{name: "bzip2 data", magic: "BZh", plain: "bzip2 -dc FILE"},
	{name: "lz4 data", magic: "\x04\x22\x4d\x18", plain: "lz4 -dc FILE"},
	{name: "lzip data", magic: "LZIP", plain: "lzip -dc FILE"},
	{name: "compress (.Z) data", magic: "\x1f\x9d", plain: "gzip -dc FILE"},
	{name: "a zip archive", magic: "PK\x03\x04", plain: "unzip -p FILE"},
	{name: "a 7-Zip archive", magic: "7z\xbc\xaf\x27\x1c", plain: "7z x -so FILE"},
	{name: "a tar archive", magic: "ustar", at: 257, plain: "tar -xOf FILE"},
	{name: "UTF-32 text", magic: "\xff\xfe\x00\x00", plain: "iconv -f UTF-32 -t UTF-8 FILE"},
	{name: "UTF-16 text", magic: "\xff\xfe", plain: "iconv -f UTF-16 -t UTF-8 FILE"},
	{name: "UTF-16 text", magic: "\xfe\xff", plain: "iconv -f UTF-16 -t UTF-8 FILE"},
	{name: "a systemd journal", magic: "LPKSHHRH", plain: "journalctl -o short-iso-precise --file FILE"},
}

// The forms of UTF-16 without a byte order mark.
var (
	utf16Little = form{name: "UTF-16 text", plain: "iconv -f UTF-16LE -t UTF-8 FILE"}
	utf16Big    = form{name: "UTF-16 text", plain: "iconv -f UTF-16BE -t UTF-8 FILE"}
)

// formOf returns the form of a file by its beginning, or nil for plain text.
func formOf(sample []byte) *form {
	for i := range forms {
		p := &forms[i]
		if len(sample) > p.at && bytes.HasPrefix(sample[p.at:], []byte(p.magic)) {
			return p
		}
	}
	switch {
	case alternates(sample, 1):
		return &utf16Little
	case alternates(sample, 0):
		return &utf16Big
	}
	return nil
}

// utf16Sample is the number of bytes by which UTF-16 without a byte order mark is recognized.
const utf16Sample = 16

// alternates reports whether every second byte of sample, starting with index first, is zero and
// the others are not, as in ASCII text in UTF-16.
func alternates(sample []byte, first int) bool {
	if len(sample) < utf16Sample {
		return false
	}
	for i, c := range sample[:utf16Sample] {
		if (c == 0) != (i%2 == first) {
			return false
		}
	}
	return true
}

func unpackGzip(in io.Reader) (io.ReadCloser, error) { return gzip.NewReader(in) }

func unpackZstd(in io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindowBytes))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// packedError returns the error of a file in a form that import does not read. The outer form is
// not nil if the file was unpacked once before.
func packedError(name string, outer, inner *form, stdinCommand string) error {
	plain := inner.plain
	what := inner.name
	if outer != nil {
		what += " in " + outer.name
		plain = outer.plain + " | " + strings.ReplaceAll(inner.plain, "FILE", "-")
	}
	if name != Stdio {
		plain = strings.ReplaceAll(plain, "FILE", ShellWord(name))
	}
	return fmt.Errorf("%s looks like %s, which import does not read: run `%s | %s`", shownName(name), what, plain, stdinCommand)
}

// ShellWord quotes a word for a shell if it must be quoted.
func ShellWord(word string) string {
	plain := func(c rune) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_./:@%+,=", c)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
