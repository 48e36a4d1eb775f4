package domain

import (
	"testing"
	"time"
)

// The subject decides which key seals a command. The name and the address decide where an
// unattributed attempt is recorded (LOGIN-9).
func TestCommand_SubjectNameAndAddress(t *testing.T) {
	for _, c := range []struct {
		data             CommandData
		subject, address string
		login, unknown   bool
	}{
		{&LoginBegin{User: "alice", IP: "192.0.2.7"}, "user/alice", "192.0.2.7", true, false},
		{&LoginFinish{User: "alice"}, "user/alice", "", true, false},
		{&LoginReport{User: "alice", IP: "192.0.2.7", Reason: "bad_code"}, "user/alice", "192.0.2.7", true, false},
		{&LoginReport{User: "alice", Reason: UnknownUser}, "user/alice", "", true, true},
		{&LockoutRelease{User: "alice"}, "", "", false, false},
		{&IdentityRecord{User: "alice"}, "", "", false, false},
		{&IdentityVerify{User: "alice"}, "", "", false, false},
		{&PolicyAdopt{}, "", "", false, false},
		{&TimerFire{Entity: "user/alice"}, "", "", false, false},
	} {
		command := Command{Data: c.data}
		name, unknown, login := command.LoginName()
		if command.Subject() != c.subject || command.Address() != c.address || login != c.login ||
			unknown != c.unknown {
			t.Errorf("%s: subject %q, address %q, login %v, unknown %v; want %+v",
				c.data.CommandType(), command.Subject(), command.Address(), login, unknown, c)
		}
		if login && *name != "alice" {
			t.Errorf("%s: LoginName = %q, want alice", c.data.CommandType(), *name)
		}
	}
}

func TestEntities(t *testing.T) {
	name, isUser := UserEntity("alice").User()
	if name != "alice" || !isUser || UserEntity("alice").Source() {
		t.Errorf("User() of user/alice = %q, %v; want alice, true", name, isUser)
	}
	if _, isUser := SourceEntity(Buckets - 1).User(); isUser || !SourceEntity(0).Source() ||
		SourceEntity(Buckets-1) != "source/1023" {
		t.Errorf("SourceEntity(1023) = %q, want source/1023", SourceEntity(Buckets-1))
	}
}

// TestOnBehalf checks that OnBehalf returns every member that names a person. Otherwise a
// caller could name any person in it.
func TestOnBehalf(t *testing.T) {
	for _, kind := range ClientCommands() {
		data := NewCommandData(kind)
		var filled personFiller
		data.Members(&filled)
		c := Command{Data: data}
		if member, person := c.OnBehalf(); member != filled.member || (member != "" && person != "somebody") {
			t.Errorf("%s: OnBehalf = person %q in member %q, want member %q", kind, person, member, filled.member)
		}
	}
}

// personFiller sets the member that names a person.
type personFiller struct {
	member string
}

func (f *personFiller) Count(string, *int64, Form)       {}
func (f *personFiller) Flag(string, *bool, Form)         {}
func (f *personFiller) Instant(string, *time.Time, Form) {}
func (f *personFiller) Instants(string, *[]time.Time)    {}
func (f *personFiller) Texts(string, *[]string)          {}
func (f *personFiller) Object(string, Data, Form)        {}
func (f *personFiller) List(string, Items)               {}

func (f *personFiller) Text(name string, at *string, _ Form) {
	if name == "agent" || name == "officer" || name == "by" {
		f.member, *at = name, "somebody"
	}
}
