package blocks

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Grown returns a Store on the same stream up to position last, which a server has
// acknowledged since s was opened. Of the new blocks it reads only the first records. s stays
// usable.
func (s *Store) Grown(ctx context.Context, last uint64) (*Store, error) {
	if last <= s.last {
		return s, nil
	}
	grown := &Store{opts: s.opts, blocks: s.blocks, newest: s.newest, last: last, indexes: s.indexes}
	grown.opts.Last = last
	if err := grown.extend(ctx); err != nil {
		return nil, fmt.Errorf("open log %s: %w", s.opts.Stream, err)
	}
	return grown, nil
}

// extend adds the blocks that the server has begun since s listed the blocks. It reads the last
// listed block again if that block was empty.
func (s *Store) extend(ctx context.Context) error {
	known := len(s.blocks)
	if known == 0 || known == 1 && s.blocks[0].first == 0 {
		s.blocks, s.newest = nil, -1
		return s.list(ctx) // the server selects the number of the first block
	}
	next := s.blocks[known-1].number + 1
	if s.blocks[known-1].first == 0 {
		known--
		next--
	}
	s.blocks = s.blocks[:known:known] // so that append copies the slice, which another Store reads
	for ; ; next++ {
		b := block{number: next}
		if _, err := os.Lstat(s.path(&b)); errors.Is(err, os.ErrNotExist) {
			break
		} else if err != nil {
			return err
		}
		s.blocks = append(s.blocks, b)
	}
	return s.lookFrom(ctx, known)
}
