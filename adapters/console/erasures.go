package console

import (
	"encoding/hex"
	"net/http"
	"strconv"

	"authledger/domain/operations"
	"authledger/projections"
	"authledger/projections/queries"
)

// erasuresPath is the path of the page of all erasures.
const erasuresPath = "/erasures"

// erasuresOperations are the operations whose answers the page of all erasures shows.
var erasuresOperations = []string{"forgotten"}

// getErasures shows a page of the erasures of all users up to the moment, the newest first.
func (v *visit) getErasures() error {
	after := v.r.URL.Query().Get(operations.After)
	position, err := hex.DecodeString(after)
	if err != nil || after != "" && !projections.IsPosition(position) {
		return errBadFilter
	}
	of := queries.Page{Limit: queueShown, Next: hex.EncodeToString}
	if after != "" {
		of.After = position
	}
	if err := v.recordRead(erasuresAfter(after)); err != nil {
		return err
	}
	found, err := v.Queries.Erasures(v.r.Context(), v.moment.at, v.moment.seq(), queries.Filter{}, of)
	if err != nil {
		return err
	}
	q := queue{Name: "erasures", IsPage: true, IsList: true, Head: []string{"column.user",
		"field.case", "field.by", "field.purpose", "column.instant", "column.record"}}
	for i := range found.Items {
		q.Rows = append(q.Rows, v.erasureRow(&found.Items[i]))
	}
	if found.Next != "" {
		q.Next = v.moment.inQuery(erasuresAfter(found.Next))
	}
	v.write(http.StatusOK, "erasures", "work.erasures", &q)
	return nil
}

// erasuresAfter returns the URL of the page after a position, of the first page for "".
func erasuresAfter(position string) string {
	if position == "" {
		return erasuresPath
	}
	return erasuresPath + "?" + operations.After + "=" + position
}

func (v *visit) erasureRow(e *queries.Erasure) queueRow {
	record := cell{Text: strconv.FormatUint(e.Seq, 10)}
	if v.mayAny(recordOperations) {
		record.Path = v.moment.inQuery("/records/" + record.Text)
	}
	user := cell{Text: e.User, Path: v.moment.inQuery(v.userPath(e.User))}
	return queueRow{Cells: []cell{user, {Text: e.Case}, {Text: e.By}, {Text: e.Purpose}, {At: e.At}, record}}
}
