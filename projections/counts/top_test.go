package counts

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
)

// With any number of labels, no count is too high, the sum is exact, and a label with more
// than its share of the additions is listed.
func TestTopBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.IntRange(1, 4*LabelsMax).Draw(t, "labels")
		frequent := rapid.IntRange(0, 8).Draw(t, "frequent")
		want, additions := map[string]int64{}, int64(0)
		var c Top
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, names-1+frequent*names), 0, 2000).Draw(t, "additions") {
			label := fmt.Sprint("label", n%names)
			if n >= names {
				label = fmt.Sprint("frequent", n/names) // each as often as all rare labels together
			}
			c.Add(label)
			want[label]++
			additions++
		}
		if len(c.labels) > LabelsMax {
			t.Fatalf("got %d labels, want at most %d", len(c.labels), LabelsMax)
		}
		sum, listed := int64(0), map[string]int64{}
		for _, l := range c.Counts() {
			sum += l.Count
			listed[l.Label] = l.Count
			switch {
			case l.Label == OtherLabel:
			case l.Count > want[l.Label]:
				t.Fatalf("%s: got %d, want at most %d", l.Label, l.Count, want[l.Label])
			case len(want) <= LabelsMax && l.Count != want[l.Label]:
				t.Fatalf("%s: got %d, want %d, because all labels fit", l.Label, l.Count, want[l.Label])
			}
		}
		if sum != additions {
			t.Fatalf("sum: got %d, want %d", sum, additions)
		}
		for label, n := range want {
			if _, found := listed[label]; !found && n > additions/LabelsMax {
				t.Fatalf("%s: not listed, want it, because it is %d of %d additions", label, n, additions)
			}
		}
	})
}

func TestTopOverflow(t *testing.T) {
	var c Top
	for i := range LabelsMax {
		for range i + 2 {
			c.Add(fmt.Sprintf("l%02d", i))
		}
	}
	c.Add("new")
	c.Add("new")
	var want []LabelCount
	for i := 1; i < LabelsMax; i++ {
		want = append(want, LabelCount{fmt.Sprintf("l%02d", i), int64(i + 2)})
	}
	want = append(want, LabelCount{"new", 2}, LabelCount{OtherLabel, 2})
	if diff := cmp.Diff(want, c.Counts()); diff != "" {
		t.Errorf("counts after the label l00 was replaced (-want +got)\n%s", diff)
	}
}

// A source with the name of OtherLabel counts with the labels that are not listed.
func TestTop_LabelOther(t *testing.T) {
	few, many := new(Top), new(Top)
	few.Add(OtherLabel)
	few.Add("z")
	for i := range LabelsMax + 1 {
		many.Add(OtherLabel)
		many.Add(fmt.Sprintf("l%02d", i)) // the last two replace a label each
	}
	for _, c := range []struct {
		name        string
		of          *Top
		labels      int
		other, want int64 // the count of OtherLabel, and of all labels
	}{
		{"no label is missing", few, 2, 1, 2},
		{"labels are missing", many, LabelsMax, LabelsMax + 3, 2*LabelsMax + 2},
	} {
		sum, counts := int64(0), c.of.Counts()
		for _, l := range counts {
			sum += l.Count
		}
		last := counts[len(counts)-1]
		if len(counts) != c.labels || last != (LabelCount{OtherLabel, c.other}) || sum != c.want {
			t.Errorf("%s: got %d labels, the last %+v, the sum %d, want %d, %s with %d, %d",
				c.name, len(counts), last, sum, c.labels, OtherLabel, c.other, c.want)
		}
	}
}

// The labels of every group but sources are a closed set that fits into a bucket, so their
// counts are exact.
func TestClosedLabelsFit(t *testing.T) {
	for group, labels := range map[string][]string{
		"type": domain.CommandTypes(), "event": domain.EventTypes(), "reason": reasonConstants(t),
	} {
		if len(labels) < 10 || len(labels) > LabelsMax {
			t.Errorf("labels of %s: got %d, want 10 to %d: %q", group, len(labels), LabelsMax, labels)
		}
		if slices.Contains(labels, OtherLabel) {
			t.Errorf("labels of %s contain %q, which stands for the labels that are not listed", group, OtherLabel)
		}
	}
}

// unrecorded lists the reasons of invalid commands, which have no record.
var unrecorded = []domain.Reason{
	domain.Malformed, domain.UnknownType, domain.UnknownField, domain.MissingField, domain.BadField,
	domain.Amount, domain.IDReused, domain.ClockSkew, domain.TooLarge, domain.Moot,
}

// reasonConstants returns the reasons in the source of package domain: the constants of
// refusals, and the reasons of failed logins.
func reasonConstants(t *testing.T) (all []string) {
	for _, name := range []string{"verdict.go", "login.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), "../../domain/"+name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			kind, _ := s.Type.(*ast.Ident)
			isReason := kind != nil && kind.Name == "Reason"
			if isReason || slices.Contains([]string{"countedReasons", "uncountedReasons"}, s.Names[0].Name) {
				ast.Inspect(s, func(n ast.Node) bool {
					if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
						all = append(all, strings.Trim(l.Value, `"`))
					}
					return true
				})
			}
			return true
		})
	}
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(unrecorded, domain.Reason(s)) })
}
