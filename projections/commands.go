package projections

import "authledger/domain"

// commands holds the record of each command, by the source and the id of the command. Rows
// are never removed, because a command can be repeated at any time. The ids of one source
// sort together, so that the commands of one gateway touch few blocks.
var commands = &Projection{Name: "commands", Version: 1, Table: 'c', Fold: foldCommands}

type commandRow struct {
	seq     int64
	content string // the bytes of a domain.Hash
}

func (r *commandRow) Members(v domain.Visitor) {
	v.Count("seq", &r.seq, domain.Need)
	v.Text("content", &r.content, domain.Need)
}

func foldCommands(t *Table, s *Step) error {
	r := s.Record
	row := commandRow{int64(r.Seq), string(r.Content[:])}
	t.Put(t.Key().Text(r.Command.Source).Tail(r.Command.ID), &row)
	return nil
}
