package webhooks

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/domain"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "100.63.255.255": true, "100.128.0.0": true, "172.15.0.1": true,
		"172.32.0.1": true, "[2606:4700::1111]": true,
		"127.0.0.1": false, "127.255.255.254": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false,
		"172.31.255.255": false,
		"192.168.1.1":    false, "169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false,
		"224.0.0.1": false, "255.255.255.255": false,
		"192.0.2.1": false, "198.18.0.1": false, "198.51.100.7": false, "203.0.113.9": false, "240.0.0.1": false,
		"192.88.99.1": false,
		"[::1]":       false, "[::]": false, "[fe80::1%eth0]": false, "[fc00::1]": false, "[fd12::1]": false,
		"[ff02::1]": false, "[2001:db8::1]": false,
		"[::ffff:10.0.0.1]": false, "[::ffff:127.0.0.1]": false, "[::127.0.0.1]": false, "[64:ff9b::7f00:1]": false,
		"[2002:7f00:1::]": false, "[2001::1]": false,
		"[::ffff:0:7f00:1]": false, "[64:ff9b::8.8.8.8]": false, "[64:ff9b:1::a00:1]": false, "[1fff::1]": false,
		"[4000::1]": false, "[5f00::1]": false,
		"[fec0::1]": false, "[fd00:ec2::254]": false, "[2001:1ff:ffff::1]": false, "[2001:200::1]": true,
		"[2620:fe::fe]": true, "[3ffe::1]": true, "[3fff::1]": false,
	} {
		if err := allowAddress("tcp", address+":443", nil); (err == nil) != want {
			t.Errorf("%s: got %v, want allowed %t", address, err, want)
		}
	}
	if allowAddress("tcp", "nonsense", nil) == nil {
		t.Error("allowAddress of an invalid address: got no error, want one")
	}
}

func TestEndpoints(t *testing.T) {
	dir := t.TempDir()
	s := OpenEndpoints(dir, time.Now)
	for _, c := range []struct {
		e  Endpoint
		ok bool
	}{
		{Endpoint{Name: "a", URL: "https://example.org/x"}, true},
		{Endpoint{Name: "a", URL: "https://example.org/y"}, false},
		{Endpoint{Name: "b", URL: "http://127.0.0.1:9", AllowPrivate: true, Types: []string{"*"}}, true},
		{Endpoint{Name: "p0", URL: "https://127.0.0.1:9/", Types: []string{"*"}}, false},
		{Endpoint{Name: "p1", URL: "https://10.1.2.3/", Types: []string{"*"}}, false},
		{Endpoint{Name: "p2", URL: "https://[::1]/", Types: []string{"*"}}, false},
		{Endpoint{Name: "p3", URL: "https://[fd00::1]/", Types: []string{"*"}}, false},
		{Endpoint{Name: "p4", URL: "https://LOCALHOST./", Types: []string{"*"}}, false},
		{Endpoint{Name: "p5", URL: "https://printer.local/", Types: []string{"*"}}, false},
		{Endpoint{Name: "c", URL: "http://example.org"}, false},
		{Endpoint{Name: "c", URL: "https://user:hunter2@example.org"}, false},
		{Endpoint{Name: "c", URL: "ftp://example.org"}, false},
		{Endpoint{Name: "c", URL: "https://"}, false},
		{Endpoint{Name: "c", URL: "https://:443/x"}, false},
		{Endpoint{Name: "c", URL: "https://example.org:0/"}, false},
		{Endpoint{Name: "c", URL: "https://example.org:65536/"}, false},
		{Endpoint{Name: "c", URL: "https://[2606:4700::1111]:70000/"}, false},
		{Endpoint{Name: "c", URL: "https://example.org/\r\nX-Injected: 1"}, false},
		{Endpoint{Name: "../c", URL: "https://example.org"}, false},
		{Endpoint{Name: "", URL: "https://example.org"}, false},
		{Endpoint{Name: "c", URL: "https://example.org", Types: []string{"login.nothing"}}, false},
		{Endpoint{Name: "c", URL: "https://example.org/" + strings.Repeat("x", urlBytesMax)}, false},
	} {
		made, err := s.Add(c.e)
		if (err == nil) != c.ok || (err != nil && strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("Add %+v: got %v, want ok %t", c.e, err, c.ok)
		}
		if c.ok && (!strings.HasPrefix(made.Secret, secretPrefix) || len(made.Types) == 0) {
			t.Errorf("Add: got %+v, want a secret and types", made)
		}
	}
	before, err := s.Changed()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Remove("a"); err != nil {
		t.Fatal(err)
	}
	if after, err := s.Changed(); err != nil || after == before {
		t.Errorf("Changed after a removal: got stamp %v, %v, want another than %v", after, err, before)
	}
	if s.Remove("a") == nil {
		t.Error("Remove of a removed endpoint: got no error, want one")
	}
	list, err := s.List()
	if err != nil || len(list) != 1 || list[0].Name != "b" || !list[0].Wants("login.failed") {
		t.Errorf("List: got %+v, %v, want b", list, err)
	}
}

// Concurrent changes of the list lose no endpoint.
func TestEndpointsConcurrently(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	cause := make(chan error, 16)
	for i := range 16 {
		group.Go(func() {
			_, err := OpenEndpoints(dir, time.Now).Add(Endpoint{Name: fmt.Sprint("e", i), URL: "https://example.org"})
			cause <- err
		})
	}
	group.Wait()
	close(cause)
	var all error
	for err := range cause {
		all = errors.Join(all, err)
	}
	if list, err := OpenEndpoints(dir, time.Now).List(); errors.Join(all, err) != nil || len(list) != 16 {
		t.Errorf("got %d endpoints, %v, want 16", len(list), errors.Join(all, err))
	}
}

// After a rotation both secrets sign for a day, the new one first. Then the new secret
// signs alone. A rotation with atOnce ends the former secret immediately.
func TestRotate(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	s := OpenEndpoints(t.TempDir(), func() time.Time { return now })
	made, err := s.Add(Endpoint{Name: "desk", URL: "https://desk.example/"})
	if err != nil {
		t.Fatal(err)
	}
	signed := func(by string) string {
		key, err := secretKey(by)
		if err != nil {
			t.Fatal(err)
		}
		return signature(key, "evt_test_1_0", now, []byte("{}"))
	}
	header := func() string {
		list, err := s.List()
		if err != nil || len(list) != 1 {
			t.Fatalf("list: got %d endpoints, %v, want 1", len(list), err)
		}
		by, err := newSigner(&list[0])
		if err != nil {
			t.Fatal(err)
		}
		return by.header("evt_test_1_0", now, []byte("{}"))
	}
	second, err := s.Rotate("desk", false)
	if err != nil || second.Secret == made.Secret || !second.Made.Equal(made.Made) {
		t.Fatalf("rotated endpoint: got %+v, %v, want a new secret and the creation time of %+v", second.Public(),
			err, made.Public())
	}
	if got, want := header(), signed(second.Secret)+" "+signed(made.Secret); got != want {
		t.Errorf("after a rotation: got signatures %s, want %s", got, want)
	}
	now = now.Add(FormerFor)
	if got, want := header(), signed(second.Secret); got != want {
		t.Errorf("a day later: got signatures %s, want %s", got, want)
	}
	third, err := s.Rotate("desk", true)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := header(), signed(third.Secret); got != want {
		t.Errorf("rotated at once: got signatures %s, want %s", got, want)
	}
	if p := third.Public(); p.Secret+p.Former != "" {
		t.Errorf("Public: got %+v, want no secrets", p)
	}
}

// Add deletes the files that an interrupted removal left.
func TestAddDeletesFormerFiles(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{Seq: 7}, func(*Event) outcome { return outcome{status: 410} })
	if err := d.deliver(t.Context(), event(8)); !errors.Is(err, errGivenUp) {
		t.Fatal(err)
	}
	if err := d.giveUp(event(8)); err != nil {
		t.Fatal(err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_test_8_0"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenEndpoints(dir, time.Now).Add(Endpoint{Name: "e", URL: "https://example.org"}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{journalPath(dir, "e"), redrivesPath(dir, "e")} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s after Add: got %v, want no file", path, err)
		}
	}
}

// Add fails at the maximum number of endpoints, until one is removed.
func TestEndpointsAreBounded(t *testing.T) {
	s := OpenEndpoints(t.TempDir(), time.Now)
	add := func(n int) error {
		_, err := s.Add(Endpoint{Name: fmt.Sprint("e", n), URL: "https://example.org"})
		return err
	}
	for n := range endpointsMax {
		if err := add(n); err != nil {
			t.Fatal(err)
		}
	}
	if add(endpointsMax) == nil {
		t.Error("Add beyond the maximum: got no error, want one")
	}
	if err := errors.Join(s.Remove("e0"), add(endpointsMax)); err != nil {
		t.Error(err)
	}
}
