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
	s := &stream{tar: tar.NewWriter(out)}
	w := &writer{Options: o, to: s, chain: eventstore.NewChain(o.Ledger)}
	if err := s.put(ctx, ledgerName, o.Ledger.Encode()); err != nil {
		return Result{}, err
	}
	return w.run(ctx)
}

// stream is a target that stores files in a tar archive.
type stream struct{ tar *tar.Writer }

func (s *stream) put(_ context.Context, name string, data []byte) error {
	head := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: privateFile, Size: int64(len(data))}
	if err := s.tar.WriteHeader(head); err != nil {
		return err
	}
	_, err := s.tar.Write(data)
	return err
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
