package counts

import (
	"slices"
	"strings"

	"authledger/domain"
)

// LabelsMax is the maximum number of labels that a [Top] counts separately. All other labels
// count as [OtherLabel].
const LabelsMax = 64

// OtherLabel is the label of the counts that belong to no listed label. It includes a label
// with this name, such as a source.
const OtherLabel = "other"

// Top counts labels in a fixed amount of memory. It is exact for up to [LabelsMax]
// labels. For more labels it is the Space-Saving algorithm (Metwally, Agrawal, El Abbadi:
// Efficient computation of frequent and top-k elements, 2005). A new label then replaces
// the label with the lowest count, and takes over that count as its excess.
//
// The sum of all counts is the number of additions. A label that is more than a LabelsMax-th
// of the additions is always listed. The result depends only on the order of the additions.
type Top struct{ labels []labelCount }

// labelCount is the count of one label. The label occurred at least count-excess times, and
// at most count times.
type labelCount struct {
	label         string
	count, excess int64
}

func (c *labelCount) Members(v domain.Visitor) {
	v.Text("label", &c.label, domain.Need)
	v.Count("count", &c.count, domain.Need)
	v.Count("excess", &c.excess, domain.Free)
}

// Members lists the counts for rows.
func (c *Top) Members(v domain.Visitor) { v.List("labels", domain.List(&c.labels)) }

// Add counts one occurrence of a label.
func (c *Top) Add(label string) {
	for i := range c.labels {
		if c.labels[i].label == label {
			c.labels[i].count++
			return
		}
	}
	label = strings.Clone(label) // a label of a record shares the memory of a whole commit
	if len(c.labels) < LabelsMax {
		c.labels = append(c.labels, labelCount{label, 1, 0})
		return
	}
	least := 0
	for i := range c.labels {
		if c.labels[i].count < c.labels[least].count {
			least = i
		}
	}
	count := c.labels[least].count
	c.labels[least] = labelCount{label, count + 1, count}
}

// LabelCount is the number of records, or of events, with one label.
type LabelCount struct {
	Label string
	Count int64
}

// Counts returns the labels by name, each with the number of occurrences that are certainly
// its own. The last label is [OtherLabel], unless its count is 0.
func (c *Top) Counts() []LabelCount {
	all := make([]LabelCount, 0, len(c.labels)+1)
	other := int64(0)
	for i := range c.labels {
		l := &c.labels[i]
		if l.label == OtherLabel { // a source can have this name
			other += l.count
			continue
		}
		other += l.excess
		all = append(all, LabelCount{l.label, l.count - l.excess})
	}
	slices.SortFunc(all, func(a, b LabelCount) int { return strings.Compare(a.Label, b.Label) })
	if other > 0 {
		all = append(all, LabelCount{OtherLabel, other})
	}
	return all
}
