package sshd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"authledger/adapters/importers/sshd"
)

// BenchmarkRead reports lines a second of logs with nothing but logins, and
// with as many as a real one has.
func BenchmarkRead(b *testing.B) {
	const lines = 100_000
	for _, c := range []struct {
		name   string
		logins int // in 10 lines
	}{{"logins", 10}, {"mixed", 2}, {"others", 0}} {
		b.Run(c.name, func(b *testing.B) {
			log := benchLog(lines, c.logins)
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			for b.Loop() {
				readAll(b, log)
			}
			b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

func benchLog(lines, logins int) []byte {
	var log bytes.Buffer
	at := time.Date(2023, 3, 7, 8, 0, 0, 0, time.UTC)
	for i := range lines {
		at = at.Add(7 * time.Second)
		message := "Received disconnect from 192.0.2.1: 11: Bye Bye [preauth]"
		switch {
		case i%10 >= logins:
		case i%3 == 0:
			message = fmt.Sprintf("Accepted publickey for user_%d from 192.0.2.%d port %d ssh2: "+
				"RSA SHA256:q83vEjRWeJASNFZ4mrze8BI0VniQEjRWeJq83vASNFY", i%31, i%250, 1024+i%60000)
		default:
			message = fmt.Sprintf("Failed password for invalid user user_%d from 192.0.2.%d port %d ssh2", i%31, i%250,
				1024+i%60000)
		}
		fmt.Fprintf(&log, "%s ip-10-77-20-248 sshd[%d]: %s\n", at.Format(time.Stamp), 1000+i%9000, message)
	}
	return log.Bytes()
}

func readAll(b *testing.B, log []byte) {
	r, err := sshd.New(bytes.NewReader(log), 2023, time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	for {
		if _, err := r.Next(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}
