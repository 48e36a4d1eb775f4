package explain_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"authledger/domain"
)

type jsonTime string

func (j jsonTime) instant(t *testing.T) time.Time {
	at, err := time.Parse(time.RFC3339Nano, string(j))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// readJSON reads members from JSON with the standard library, as an auditor could.
func readJSON(t *testing.T, text []byte, d domain.Data) {
	r := jsonReader{t: t, members: map[string]any{}}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&r.members); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	d.Members(r)
}

type jsonReader struct {
	t       *testing.T
	members map[string]any
}

func (r jsonReader) Text(name string, at *string, _ domain.Form) {
	if s, ok := r.members[name].(string); ok {
		*at = s
	}
}

func (r jsonReader) Count(name string, at *int64, _ domain.Form) {
	if n, ok := r.members[name].(json.Number); ok {
		*at, _ = n.Int64()
	}
}

func (r jsonReader) Flag(name string, at *bool, _ domain.Form) {
	*at, _ = r.members[name].(bool)
}

func (r jsonReader) Instant(name string, at *time.Time, _ domain.Form) {
	if s, ok := r.members[name].(string); ok {
		*at = jsonTime(s).instant(r.t)
	}
}

func (r jsonReader) Instants(name string, at *[]time.Time) {
	for _, s := range r.list(name) {
		*at = append(*at, jsonTime(s.(string)).instant(r.t))
	}
}

func (r jsonReader) Texts(name string, at *[]string) {
	for _, s := range r.list(name) {
		*at = append(*at, s.(string))
	}
}

func (r jsonReader) Object(name string, at domain.Data, _ domain.Form) {
	if m, ok := r.members[name].(map[string]any); ok {
		at.Members(jsonReader{r.t, m})
	}
}

func (r jsonReader) List(name string, of domain.Items) {
	for _, m := range r.list(name) {
		of.Grow().Members(jsonReader{r.t, m.(map[string]any)})
	}
}

func (r jsonReader) list(name string) []any {
	list, _ := r.members[name].([]any)
	return list
}
