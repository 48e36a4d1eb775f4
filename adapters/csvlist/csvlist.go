package csvlist

import (
	"bytes"
	"encoding/csv"

	"authledger/domain"
)

// Write returns the items of the member with a name, of a page of a list, as CSV in UTF-8 with
// line ends CRLF.
func Write(page domain.Data, member string) ([]byte, error) {
	found := finder{member: member}
	page.Members(&found)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	err := w.WriteAll(append([][]string{found.columns}, found.rows...))
	return b.Bytes(), err
}

// finder reads the list with a name among the members of a page.
type finder struct {
	ignored
	member  string
	columns []string
	rows    [][]string
}

func (f *finder) List(name string, of domain.Items) {
	if name != f.member {
		return
	}
	for i := range of.Len() {
		f.rows = append(f.rows, rowsOf(of.At(i))...)
	}
	f.columns = columnsOf(of)
}

// columnsOf returns the names of the columns of a list. It clears the list.
func columnsOf(list domain.Items) []string {
	list.Clear()
	var c columns
	list.Grow().Members(&c)
	list.Clear()
	return c.names
}
