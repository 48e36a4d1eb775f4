// Package packtest writes compressed, archived and encoded files, for tests of imports.
package packtest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
)

// windowBytes is the largest window of zstd that an import reads.
const windowBytes = 8 << 20

// Packers contains, by name of the form, functions that pack plain text. If no Go
// package writes a form, its function writes the first bytes of that form, and then the plain text.
var Packers = map[string]func([]byte) []byte{
	"gzip":    packGzip,
	"zstd":    func(b []byte) []byte { return packZstd(b, windowBytes) },
	"long":    func(b []byte) []byte { return packZstd(b, 4*windowBytes) },
	"utf16":   func(b []byte) []byte { return append([]byte("\xff\xfe"), inUTF16(b)...) },
	"utf16le": inUTF16,
	"utf16be": func(b []byte) []byte { return append([]byte{0}, inUTF16(b)...) },
	"xz":      func(b []byte) []byte { return append([]byte("\xfd7zXZ\x00\x00\x04"), b...) },
	"bzip2":   func(b []byte) []byte { return append([]byte("BZh91AY&SY"), b...) },
	"zip":     func(b []byte) []byte { return append([]byte("PK\x03\x04\x14\x00"), b...) },
	"tar":     func(b []byte) []byte { return append(append(make([]byte, 257), "ustar\x0000"...), b...) },
}

func packGzip(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err) // a write to a buffer does not fail
	}
	return out.Bytes()
}

func packZstd(b []byte, window int) []byte {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithWindowSize(window), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // the options are valid
	}
	_, err = io.Copy(struct{ io.Writer }{w}, bytes.NewReader(b))
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err) // a write to a buffer does not fail
	}
	return out.Bytes()
}

func inUTF16(b []byte) []byte {
	var out []byte
	for _, c := range utf16.Encode([]rune(string(b))) {
		out = append(out, byte(c), byte(c>>8))
	}
	return out
}
