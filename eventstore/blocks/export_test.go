package blocks

import "encoding/binary"

// Record encodes a record of block n as a server does, for tests.
func Record(stream string, n uint32, position uint64, subject string, message []byte) []byte {
	all := make([]byte, headBytes, headBytes+len(subject)+len(message)+checksumBytes)
	binary.LittleEndian.PutUint32(all, uint32(cap(all)))
	binary.LittleEndian.PutUint64(all[4:], position)
	binary.LittleEndian.PutUint16(all[20:], uint16(len(subject)))
	all = append(append(all, subject...), message...)
	return Rehash(stream, n, append(all, make([]byte, checksumBytes)...))
}

// Rehash returns a copy of an encoded record with its checksum in block n.
func Rehash(stream string, n uint32, encoded []byte) []byte {
	all := append([]byte(nil), encoded...)
	d, err := digest(stream, n)
	if err != nil {
		panic(err)
	}
	body := headBytes + int(binary.LittleEndian.Uint16(all[20:]))
	d.Write(all[4:20])
	d.Write(all[headBytes:body])
	if binary.LittleEndian.Uint32(all)&hasHeader != 0 {
		body += 4
	}
	end := len(all) - checksumBytes
	d.Write(all[body:end])
	return d.Sum(all[:end])
}
