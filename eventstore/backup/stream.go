package backup

import (
	"archive/tar"
	"context"
	"io"

	"authledger/eventstore"
)

const privateFile = 0o600

// ToStream writes a whole backup to out, as a tar archive.
func ToStream(ctx context.Context, out io.Writer, o Options) (Result, error) {
	s := &stream{tar: tar.NewWriter(out), pause: o.pause}
	w := &writer{Options: o, to: s, chain: eventstore.NewChain(o.Ledger)}
	if err := s.put(ctx, ledgerName, o.Ledger.Encode()); err != nil {
		return Result{}, err
	}
	return w.run(ctx)
}

// stream is a target that stores files in a tar archive.
type stream struct {
	tar   *tar.Writer
	pause func(ctx context.Context, bytes int) error
}

func (s *stream) put(ctx context.Context, name string, data []byte) error {
	head := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: privateFile, Size: int64(len(data))}
	if err := s.tar.WriteHeader(head); err != nil {
		return err
	}
	for len(data) > 0 {
		part := data[:min(len(data), syncBytes)]
		if err := s.pause(ctx, len(part)); err != nil {
			return err
		}
		if _, err := s.tar.Write(part); err != nil {
			return err
		}
		data = data[len(part):]
	}
	return nil
}

func (s *stream) complete(m *Manifest) error {
	data, err := encodeSealed(m)
	if err != nil {
		return err
	}
	if err := s.put(context.Background(), manifestName, data); err != nil {
		return err
	}
	return s.tar.Close()
}
