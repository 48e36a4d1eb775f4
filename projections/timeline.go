package projections

// timeline is the records of every entity, the oldest first. The keys say it
// all.
var timeline = &Projection{Name: "timeline", Version: 1, Table: 't', Fold: foldTimeline}

func foldTimeline(rows *Rows, s *Step) error {
	for _, e := range s.Record.Entities {
		rows.Put(rows.Key().text(string(e)).number(s.Record.Seq), nil)
	}
	return nil
}
