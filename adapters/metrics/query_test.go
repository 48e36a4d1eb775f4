package metrics

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// The patterns below read the part of PromQL that the dashboard uses. promtool checks the syntax of
// the queries in the end-to-end suite.
var (
	selectorPattern = regexp.MustCompile(`([a-z_:]+)\(\s*([a-z_]+)(\{[^}]*\})?\[|\b([a-z_]+)\b(\{[^}]*\})?`)
	rangePattern    = regexp.MustCompile(`\[[^\]]*\]`)
	matcherPattern  = regexp.MustCompile(`(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
	groupPattern    = regexp.MustCompile(`\bby \(([^)]*)\)`)
	legendPattern   = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// targetLabels are the labels that Prometheus adds to each series of a target.
var targetLabels = []string{"job", "instance"}

// words are the identifiers of PromQL in the dashboard that are not metrics.
var words = []string{"by", "sum", "max", "rate", "increase", "deriv", "changes", "topk", "histogram_quantile"}

// A selector is one use of a metric in a query.
type selector struct {
	function string // that reads the range of the metric, "" without a range
	name     string
	matchers string
}

// selectors returns the metrics that a query reads.
func selectors(query string) (all []selector) {
	query = rangePattern.ReplaceAllString(groupPattern.ReplaceAllString(query, ""), "[")
	for _, m := range selectorPattern.FindAllStringSubmatch(query, -1) {
		s := selector{function: m[1], name: m[2] + m[4], matchers: m[3] + m[5]}
		if !slices.Contains(words, s.name) {
			all = append(all, s)
		}
	}
	return all
}

// queryFaults returns the faults of a query and of its legend. families are the metrics of a node.
func queryFaults(query, legend string, families map[string]*dto.MetricFamily) (faults []string) {
	labels := slices.Clone(targetLabels) // of any metric of the query
	for _, s := range selectors(query) {
		family, suffix := findFamily(s.name, families)
		if family == nil {
			return append(faults, s.name+" does not exist")
		}
		if fault := typeFault(query, s, suffix, family); fault != "" {
			faults = append(faults, fault)
		}
		own := labelsOf(family, suffix)
		faults = append(faults, matcherFaults(s, own, family)...)
		labels = append(labels, own...)
	}
	result := labels
	for _, group := range groupPattern.FindAllStringSubmatch(query, -1) {
		result = nil
		for _, label := range strings.Split(group[1], ",") {
			label = strings.TrimSpace(label)
			result = append(result, label)
			if !slices.Contains(labels, label) {
				faults = append(faults, "no metric has the label "+label)
			}
		}
	}
	for _, label := range legendPattern.FindAllStringSubmatch(legend, -1) {
		if !slices.Contains(result, label[1]) {
			faults = append(faults, "legend "+label[0]+": the result has no such label")
		}
	}
	return faults
}

// findFamily returns the family that a series belongs to, and the suffix of a series of a histogram.
func findFamily(name string, families map[string]*dto.MetricFamily) (*dto.MetricFamily, string) {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		base, cut := strings.CutSuffix(name, suffix)
		if family := families[base]; cut && family.GetType() == dto.MetricType_HISTOGRAM && family != nil {
			return family, suffix
		}
	}
	return families[name], ""
}

// typeFault returns the fault of the use of a metric for its type, or "".
func typeFault(query string, s selector, suffix string, family *dto.MetricFamily) string {
	isRate := s.function == "rate" || s.function == "increase"
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		if !isRate {
			return fmt.Sprintf("counter %s outside of rate or increase", s.name)
		}
	case dto.MetricType_GAUGE:
		if isRate {
			return fmt.Sprintf("%s of %s, which is a gauge", s.function, s.name)
		}
	case dto.MetricType_HISTOGRAM:
		return histogramFault(query, s, suffix)
	default:
		return fmt.Sprintf("%s has the type %s", s.name, family.GetType())
	}
	return ""
}

func histogramFault(query string, s selector, suffix string) string {
	switch {
	case suffix == "":
		return fmt.Sprintf("histogram %s without a suffix", s.name)
	case s.function != "rate":
		return fmt.Sprintf("histogram series %s outside of rate", s.name)
	case suffix != "_bucket":
		return ""
	case !strings.Contains(query, "histogram_quantile("):
		return "buckets outside of histogram_quantile"
	case !strings.Contains(query, "by (le"):
		return "histogram_quantile without the label le"
	}
	return ""
}

// labelsOf returns the labels of a family of a node. All series of a family have the same labels.
func labelsOf(family *dto.MetricFamily, suffix string) (labels []string) {
	for _, pair := range family.GetMetric()[0].GetLabel() {
		labels = append(labels, pair.GetName())
	}
	if suffix == "_bucket" {
		labels = append(labels, "le")
	}
	return labels
}

// matcherFaults returns the matchers of a selector with an unknown label, or with a value that no
// series has. A value with a variable of the dashboard is not compared.
func matcherFaults(s selector, labels []string, family *dto.MetricFamily) (faults []string) {
	for _, m := range matcherPattern.FindAllStringSubmatch(s.matchers, -1) {
		label, value := m[1], m[3]
		if slices.Contains(targetLabels, label) {
			continue
		}
		if !slices.Contains(labels, label) {
			faults = append(faults, fmt.Sprintf("%s has no label %s", s.name, label))
			continue
		}
		if !strings.Contains(value, "$") && !hasValue(family, label, value) {
			faults = append(faults, fmt.Sprintf("%s has no value %q", label, value))
		}
	}
	return faults
}

func hasValue(family *dto.MetricFamily, label, value string) bool {
	return slices.ContainsFunc(family.GetMetric(), func(m *dto.Metric) bool {
		return slices.ContainsFunc(m.GetLabel(), func(pair *dto.LabelPair) bool {
			return pair.GetName() == label && pair.GetValue() == value
		})
	})
}
