package natsd

import "path/filepath"

// logAccount is nats-server's name of the global account.
const logAccount = "$G"

// LogStreamDir returns the directory of the files of a stream of the log's account. The
// argument dir is [Config].Dir.
func LogStreamDir(dir, stream string) string {
	return filepath.Join(dir, "jetstream", logAccount, "streams", stream)
}
