package domain

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// itemKinds returns all kinds of items.
func itemKinds() []ItemKind {
	var all []ItemKind
	for kind := range ItemKind(127) {
		if NewItem(kind) != nil {
			all = append(all, kind)
		}
	}
	return all
}

// TestItem_SurvivesItsRow is A-54: a row stores only the members that Members lists.
func TestItem_SurvivesItsRow(t *testing.T) {
	if kinds := len(itemKinds()); kinds != 12 {
		t.Fatalf("kinds of items: got %d, want 12", kinds)
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, kind := range itemKinds() {
			item, again := NewItem(kind), NewItem(kind)
			draw(t, reflect.ValueOf(item).Elem(), string(rune(kind)))
			reread(t, item, again)
			if diff := cmp.Diff(item, again, cmpopts.IgnoreUnexported(Policy{})); diff != "" {
				t.Fatalf("%c (-item +row)\n%s", kind, diff)
			}
		}
	})
}

// draw sets all exported fields of a state to values other than zero, so that a field that Members
// does not list makes the test fail.
func draw(t *rapid.T, v reflect.Value, label string) {
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = epoch.Add(time.Duration(rapid.Int64Range(1, int64(99*365*day)).Draw(t, label)))
		return
	case *Policy:
		*at = *rapid.SampledFrom(Presets()).Draw(t, label)
		at.AutoActivationDays = rapid.Int64Range(1, daysMost).Draw(t, label)
		return
	case *USD:
		*at = USD(rapid.Int64Range(1, int64(USDMost)).Draw(t, label))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			draw(t, v.Field(i), label+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(1, 4).Draw(t, label), 4))
		for i := range v.Len() {
			draw(t, v.Index(i), label)
		}
	case reflect.String:
		v.SetString(rapid.StringMatching(`[A-Za-z0-9._:-]{1,128}`).Draw(t, label))
	case reflect.Int64:
		v.SetInt(rapid.Int64Range(1, countMost).Draw(t, label))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64Range(1, math.MaxInt64).Draw(t, label)) // a position in the log
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("%s: got kind %s, want one that draw sets", label, v.Kind())
	}
}

// The key of an item contains its owner, so two owners can use the same id.
func TestItemKey_ContainsOwner(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range flat(given{hasDevice("alice", "d", IBKRMobile, 0), hasDevice("bob", "e", Gold, 0),
		addUser("bob", "alice", "d", 0)}) {
		l.mustAccept(t, s)
	}
	var got []string
	for k := range l.items {
		got = append(got, strings.Join([]string{string(rune(k.Kind)), k.Owner, k.ID}, "/"))
	}
	want := []string{"c/bob/" + joinCode("alice", 0), "d/alice/d", "d/bob/d", "d/bob/e", "h//e", "j/alice/d"}
	if diff := cmp.Diff(want, got, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
