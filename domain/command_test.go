package domain

import "testing"

// Whose key seals a command, and whose name and address it carries, decides what
// can be forgotten, and where an attempt that is nobody's is recorded (LOGIN-9).
func TestWhomACommandIsAbout(t *testing.T) {
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
		if command.Subject() != c.subject || command.Address() != c.address || login != c.login || unknown != c.unknown {
			t.Errorf("%s: subject %q, address %q, login %v, unknown %v; want %+v",
				c.data.CommandType(), command.Subject(), command.Address(), login, unknown, c)
		}
		if login && *name != "alice" {
			t.Errorf("%s names %q", c.data.CommandType(), *name)
		}
	}
}

func TestEntities(t *testing.T) {
	name, isUser := UserEntity("alice").User()
	if name != "alice" || !isUser || UserEntity("alice").Source() {
		t.Errorf("user/alice: %q, %v", name, isUser)
	}
	if _, isUser := SourceEntity(Buckets - 1).User(); isUser || !SourceEntity(0).Source() || SourceEntity(Buckets-1) != "source/1023" {
		t.Errorf("a source is %q", SourceEntity(Buckets-1))
	}
}
