package metrics

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

const dashboardPath = "../../deploy/grafana/authledger.json"

// A dashboard is the part of a Grafana dashboard that names metrics.
type dashboard struct {
	Panels []struct {
		Title   string
		Type    string
		Targets []struct {
			Expr, LegendFormat string
			Datasource         struct{ Type, UID string }
		}
	}
	Templating struct {
		List []struct {
			Name, Type string
			Query      json.RawMessage
		}
	}
	Annotations struct {
		List []struct{ Expr string }
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile(dashboardPath)
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// exported returns the metric families that a scrape of a used node returns, and the metric that
// Prometheus itself adds for each target.
func exported(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	gathered, err := newUsed().Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	up := prometheus.NewRegistry()
	up.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "up", Help: "The target answers scrapes."}))
	scraped, err := up.Gather()
	if err != nil {
		t.Fatal(err)
	}
	families := make(map[string]*dto.MetricFamily)
	for _, family := range slices.Concat(gathered, scraped) {
		families[family.GetName()] = family
	}
	return families
}

// TestDashboard_QueriesFitTheMetrics checks each query of the dashboard: its metrics and labels exist
// on a node, and each function fits the type of the metric.
func TestDashboard_QueriesFitTheMetrics(t *testing.T) {
	families, d := exported(t), readDashboard(t)
	queries := 0
	for _, panel := range d.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("panel %q has no query", panel.Title)
		}
		for _, target := range panel.Targets {
			queries++
			if target.Datasource.Type != "prometheus" || target.Datasource.UID != "${datasource}" {
				t.Errorf("panel %q: got data source %v, want the variable datasource", panel.Title, target.Datasource)
			}
			for _, fault := range queryFaults(target.Expr, target.LegendFormat, families) {
				t.Errorf("panel %q: %s: %s", panel.Title, target.Expr, fault)
			}
		}
	}
	for _, annotation := range d.Annotations.List {
		for _, fault := range queryFaults(annotation.Expr, "", families) {
			t.Errorf("annotation %s: %s", annotation.Expr, fault)
		}
	}
	if queries < 30 {
		t.Errorf("got %d queries, want at least 30", queries)
	}
}

// TestDashboard_Variables checks the metric and the label of each variable.
func TestDashboard_Variables(t *testing.T) {
	families := exported(t)
	labelValues := regexp.MustCompile(`^label_values\((\w+)(\{.*\})?, (\w+)\)$`)
	for _, variable := range readDashboard(t).Templating.List {
		if variable.Type == "datasource" {
			continue
		}
		var query struct{ Query string }
		if err := json.Unmarshal(variable.Query, &query); err != nil {
			t.Fatal(err)
		}
		parts := labelValues.FindStringSubmatch(query.Query)
		if parts == nil {
			t.Fatalf("variable %s: got the query %q, want label_values(METRIC, LABEL)", variable.Name, query.Query)
		}
		for _, fault := range queryFaults(parts[1]+parts[2], "{{"+parts[3]+"}}", families) {
			t.Errorf("variable %s: %s: %s", variable.Name, query.Query, fault)
		}
	}
}

// TestDashboard_CoversTheNode checks that the dashboard shows each metric of a node, except the
// metrics that are listed here.
func TestDashboard_CoversTheNode(t *testing.T) {
	omitted := []string{"authledger_build_info", "authledger_start_result", "authledger_start_seconds",
		"authledger_scrub_rounds_total"} // they change only at a start, or a few times a day
	text, err := os.ReadFile(dashboardPath)
	if err != nil {
		t.Fatal(err)
	}
	for name := range exported(t) {
		shown := strings.Contains(string(text), name)
		if strings.HasPrefix(name, "authledger_") && shown == slices.Contains(omitted, name) {
			t.Errorf("%s: the dashboard and the list of omitted metrics have it: %t, want one of them", name, shown)
		}
	}
}

// TestQueryFaults checks that the tests above find faulty queries.
func TestQueryFaults(t *testing.T) {
	for _, test := range []struct{ query, legend, want string }{
		{`authledger_nope`, "", "authledger_nope does not exist"},
		{`authledger_commands_total{job="x"}`, "", "counter authledger_commands_total outside of rate or increase"},
		{`rate(authledger_ready[5m])`, "", "rate of authledger_ready, which is a gauge"},
		{`rate(authledger_commit_seconds[5m])`, "", "histogram authledger_commit_seconds without a suffix"},
		{`rate(authledger_ready_sum[5m])`, "", "authledger_ready_sum does not exist"},
		{`sum by (le) (rate(authledger_commit_seconds_bucket[5m]))`, "", "buckets outside of histogram_quantile"},
		{`histogram_quantile(0.9, sum by (instance) (rate(authledger_commit_seconds_bucket[5m])))`, "",
			"histogram_quantile without the label le"},
		{`authledger_ready{status="x"}`, "", "authledger_ready has no label status"},
		{`sum by (state) (rate(authledger_intake_total[5m]))`, "", "no metric has the label state"},
		{`sum by (status) (rate(authledger_commands_total[5m]))`, "{{type}}",
			"legend {{type}}: the result has no such label"},
		{`sum(rate(authledger_intake_total{status="lost"}[5m]))`, "", `status has no value "lost"`},
		{`sum by (status) (rate(authledger_intake_total{status="denied",job=~"$job"}[5m]))`, "{{status}}", ""},
	} {
		got := strings.Join(queryFaults(test.query, test.legend, exported(t)), "; ")
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.query, got, test.want)
		}
	}
}
