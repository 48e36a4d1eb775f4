package natsd

import "path/filepath"

// logAccount is nats-server's name of the global account.
const logAccount = "$G"

// LogStreamDir returns the directory of the files of a stream of the log's account. The
// argument dir is [Config].Dir.
func LogStreamDir(dir, stream string) string { return StreamDir(dir, logAccount, stream) }

// StreamDir returns the directory of the files of a stream of an account. The argument dir is
// [Config].Dir.
func StreamDir(dir, account, stream string) string {
	return filepath.Join(dir, "jetstream", account, "streams", stream)
}
