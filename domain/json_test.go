package domain

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// jsonReader reads members with their stored names from an object that encoding/json decoded. It is
// independent of the ledger's own reader, which must agree with it.
type jsonReader struct {
	object map[string]any
	seen   map[string]bool
	wrong  []string
}

func readJSON(object map[string]any, into Data) (wrong []string) {
	r := &jsonReader{object: object, seen: map[string]bool{}}
	into.Members(r)
	for name := range object {
		if !r.seen[name] {
			r.wrong = append(r.wrong, "unknown member "+name)
		}
	}
	return r.wrong
}

func take[T any](r *jsonReader, name string, need bool) (value T, present bool) {
	r.seen[name] = true
	raw, present := r.object[name]
	if !present {
		if need {
			r.wrong = append(r.wrong, "no member "+name)
		}
		return value, false
	}
	value, ok := raw.(T)
	if !ok {
		r.wrong = append(r.wrong, fmt.Sprintf("member %s is a %T", name, raw))
	}
	return value, ok
}

func (r *jsonReader) Text(name string, at *string, f Form) {
	if s, ok := take[string](r, name, f.Need); ok {
		*at = s
		if f.Wrong != nil && f.Wrong(s) != "" {
			r.wrong = append(r.wrong, name+": "+f.Wrong(s))
		}
	}
}

func (r *jsonReader) Count(name string, at *int64, f Form) {
	if n, ok := take[json.Number](r, name, f.Need); ok {
		*at, _ = n.Int64()
		if *at < 0 || *at > f.CountMost() {
			r.wrong = append(r.wrong, name+": out of bounds")
		}
	}
}

func (r *jsonReader) Flag(name string, at *bool, f Form) {
	if b, ok := take[bool](r, name, f.Need); ok {
		*at = b
	}
}

func (r *jsonReader) Instant(name string, at *time.Time, f Form) {
	s, ok := take[string](r, name, f.Need)
	if !ok {
		return
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Location() != time.UTC {
		r.wrong = append(r.wrong, name+": not RFC 3339 UTC")
	}
	*at = t
}

func (r *jsonReader) Instants(name string, at *[]time.Time) {
	texts, _ := take[[]any](r, name, false)
	for i := range texts {
		var t time.Time
		one := jsonReader{object: map[string]any{name: texts[i]}, seen: r.seen}
		one.Instant(name, &t, Need)
		r.wrong = append(r.wrong, one.wrong...)
		*at = append(*at, t)
	}
}

func (r *jsonReader) Texts(name string, at *[]string) {
	texts, _ := take[[]any](r, name, false)
	for _, text := range texts {
		*at = append(*at, text.(string))
	}
}

func (r *jsonReader) List(name string, of Items) {
	objects, _ := take[[]any](r, name, false)
	of.Clear()
	for _, o := range objects {
		r.wrong = append(r.wrong, readJSON(o.(map[string]any), of.Grow())...)
	}
}

func (r *jsonReader) Object(name string, at Data, f Form) {
	name = cmp.Or(f.Stored, name)
	if o, ok := take[map[string]any](r, name, f.Need); ok {
		for _, why := range readJSON(o, at) {
			r.wrong = append(r.wrong, name+"."+why)
		}
	}
}

// jsonWriter writes members as compact JSON, in their order.
type jsonWriter struct{ bytes.Buffer }

func writeJSON(d Data) string {
	var w jsonWriter
	d.Members(&w)
	return "{" + w.String() + "}"
}

func (w *jsonWriter) member(name, value string, present bool) {
	if !present {
		return
	}
	if w.Len() > 0 {
		w.WriteByte(',')
	}
	w.WriteString(strconv.Quote(name) + ":" + value)
}

func (w *jsonWriter) Text(name string, at *string, f Form) {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	_ = e.Encode(*at)
	w.member(name, string(bytes.TrimSpace(quoted.Bytes())), f.Need || *at != "")
}
func (w *jsonWriter) Count(name string, at *int64, f Form) {
	w.member(name, decimal(*at), f.Need || *at != 0)
}
func (w *jsonWriter) Flag(name string, at *bool, f Form) {
	w.member(name, strconv.FormatBool(*at), f.Need || *at)
}
func (w *jsonWriter) Instant(name string, at *time.Time, f Form) {
	w.member(name, strconv.Quote(at.Format(time.RFC3339Nano)), f.Need || !at.IsZero())
}
func (w *jsonWriter) Instants(name string, at *[]time.Time) {
	var all []string
	for _, t := range *at {
		all = append(all, strconv.Quote(t.Format(time.RFC3339Nano)))
	}
	w.list(name, all)
}
func (w *jsonWriter) Texts(name string, at *[]string) {
	var all []string
	for _, s := range *at {
		all = append(all, strconv.Quote(s))
	}
	w.list(name, all)
}
func (w *jsonWriter) List(name string, of Items) {
	var all []string
	for i := range of.Len() {
		all = append(all, writeJSON(of.At(i)))
	}
	w.list(name, all)
}
func (w *jsonWriter) list(name string, all []string) {
	w.member(name, "["+strings.Join(all, ",")+"]", len(all) > 0)
}
func (w *jsonWriter) Object(name string, at Data, f Form) {
	name = cmp.Or(f.Stored, name)
	value := writeJSON(at)
	w.member(name, value, f.Need || value != "{}")
}
