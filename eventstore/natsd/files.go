package natsd

import "path/filepath"

// StreamDir returns the directory of the files of a stream of an account. The argument dir is
// [Config].Dir.
func StreamDir(dir, account, stream string) string {
	return filepath.Join(dir, "jetstream", account, "streams", stream)
}
