package projections

// policies is every policy ever adopted, by the record that did: an answer as of
// a position is by the newest adopted up to there.
var policies = &Projection{Name: "policies", Version: 1, Table: 'p', Fold: foldPolicies}

func foldPolicies(rows *Rows, s *Step) error {
	if p := s.Record.Adopted(); p != nil {
		rows.Put(rows.Key().number(s.Record.Seq), p)
	}
	return nil
}
