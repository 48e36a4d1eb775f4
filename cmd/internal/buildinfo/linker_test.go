package buildinfo

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinkerSetsVersion sets the version of a release with the linker flag of deploy/binary.sh. It
// links a small program, because linking authledger takes many seconds.
func TestLinkerSetsVersion(t *testing.T) {
	for _, file := range []string{"binary.sh", "Dockerfile.source"} {
		text, err := os.ReadFile(filepath.Join("../../../deploy", file))
		if err != nil {
			t.Fatal(err)
		}
		flag := regexp.MustCompile(`-X [\w./]+=`).FindString(string(text))
		program := filepath.Join(t.TempDir(), "version")
		build := exec.Command("go", "build", "-o", program, "-ldflags", "-s -w "+flag+"v0.1.0",
			"./testdata/version")
		if out, err := build.CombinedOutput(); flag == "" || err != nil {
			t.Fatalf("go build with the flag %q of %s: %v\n%s", flag, file, err, out)
		}
		out, err := exec.Command(program).Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != "v0.1.0" {
			t.Errorf("version with the flag %q of %s: got %q, %v, want v0.1.0", flag, file, got, err)
		}
	}
}
