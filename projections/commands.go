package projections

import "authledger/domain"

// commands is which record answered a command, for ever (domain.md,
// "Idempotency"). A gateway's ids lie together, as its traffic does.
var commands = &Projection{Name: "commands", Version: 1, Table: 'c', Fold: foldCommands}

type commandRow struct {
	seq     int64
	content string // the bytes of a domain.Hash
}

func (r *commandRow) Members(v domain.Visitor) {
	v.Count("seq", &r.seq, domain.Need)
	v.Text("content", &r.content, domain.Need)
}

func foldCommands(rows *Rows, s *Step) error {
	r := s.Record
	row := commandRow{int64(r.Seq), string(r.Content[:])}
	rows.Put(rows.Key().text(r.Command.Source).tail(r.Command.ID), &row)
	return nil
}
