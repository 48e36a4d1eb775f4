//go:build e2e

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// buildRelease runs deploy/release.sh and returns its directory.
func buildRelease(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dist")
	out := atRoot(t, []string{"OUT=" + dir}, "sh", "deploy/release.sh")
	if !strings.Contains(out, "9/9 write SHA256SUMS") {
		t.Errorf("the output has no line for the last step:\n%s", out)
	}
	return dir
}

// TestPackage builds the release twice, compares the files, and installs the Debian package in a
// clean root.
func TestPackage(t *testing.T) {
	dist := buildRelease(t)
	t.Run("reproducible", func(t *testing.T) {
		atRoot(t, nil, "diff", "--recursive", dist, buildRelease(t))
	})
	t.Run("checksums", func(t *testing.T) { checkSums(t, dist) })
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run("contents "+arch, func(t *testing.T) { checkContents(t, dist, arch) })
		t.Run("modules "+arch, func(t *testing.T) { checkModules(t, dist, arch) })
	}
	t.Run("install", func(t *testing.T) { installPackage(t, dist) })
}

// checkSums verifies SHA256SUMS, which must list every other file of the release.
func checkSums(t *testing.T, dist string) {
	verified := atRoot(t, nil, "sh", "-c", "cd "+dist+" && sha256sum --strict --check SHA256SUMS")
	files, err := os.ReadDir(dist)
	if err != nil || len(files) != 7 {
		t.Fatalf("got %d files and error %v, want 7 files", len(files), err)
	}
	for _, file := range files {
		if name := file.Name(); name != "SHA256SUMS" && !strings.Contains(verified, name+": OK") {
			t.Errorf("SHA256SUMS does not list %s:\n%s", name, verified)
		}
	}
}

// packagedFiles are files of the package with their modes and owners.
var packagedFiles = map[string]string{
	"./usr/bin/authledger":                                  "-rwxr-xr-x root/root",
	"./lib/systemd/system/authledger.service":               "-rw-r--r-- root/root",
	"./lib/systemd/system/authledger-nats.service":          "-rw-r--r-- root/root",
	"./etc/authledger/environment":                          "-rw------- root/root",
	"./usr/share/man/man1/authledger.1.gz":                  "-rw-r--r-- root/root",
	"./usr/share/man/man1/authledger-serve.1.gz":            "-rw-r--r-- root/root",
	"./usr/share/bash-completion/completions/authledger":    "-rw-r--r-- root/root",
	"./usr/share/zsh/vendor-completions/_authledger":        "-rw-r--r-- root/root",
	"./usr/share/fish/vendor_completions.d/authledger.fish": "-rw-r--r-- root/root",
	"./usr/share/authledger/grafana/authledger.json":        "-rw-r--r-- root/root",
	"./usr/share/authledger/prometheus/alerts.yml":          "-rw-r--r-- root/root",
	"./usr/share/doc/authledger/copyright":                  "-rw-r--r-- root/root",
}

// checkContents compares the list of a package with the table above.
func checkContents(t *testing.T, dist, arch string) {
	path := filepath.Join(dist, "authledger_0.1.0_"+arch+".deb")
	if got := strings.TrimSpace(atRoot(t, nil, "dpkg-deb", "--field", path, "Architecture")); got != arch {
		t.Errorf("got architecture %q, want %s", got, arch)
	}
	got := make(map[string]string)
	for line := range strings.Lines(atRoot(t, nil, "dpkg-deb", "--contents", path)) {
		// mode, owner, size, date, time, name
		if f := strings.Fields(line); len(f) == 6 {
			got[f[5]] = f[0] + " " + f[1]
		}
	}
	for name, want := range packagedFiles {
		if got[name] != want {
			t.Errorf("%s: got mode and owner %q, want %q", name, got[name], want)
		}
	}
}

// checkModules checks that an SBOM names its binary and the NATS server.
func checkModules(t *testing.T, dist, arch string) {
	name := filepath.Join(dist, "authledger-v0.1.0-linux-"+arch)
	text, err := os.ReadFile(name + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	sum, _, _ := strings.Cut(atRoot(t, nil, "sha256sum", name), " ")
	for _, want := range []string{`"bomFormat": "CycloneDX"`, sum, `"github.com/nats-io/nats-server/v2"`,
		`"name": "std"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the SBOM of %s does not contain %s", arch, want)
		}
	}
}

// asUser runs a command as the user of the package.
const asUser = "HOME=/var/lib/authledger chroot --userspec=authledger:authledger / "

// installPackage installs the package in a new Debian root and runs the demonstration there as the
// user of the package.
func installPackage(t *testing.T, dist string) {
	clean := filepath.Join(t.TempDir(), "root")
	atRoot(t, nil, "debootstrap", "--variant=minbase", "bookworm", clean)
	architecture := strings.TrimSpace(atRoot(t, nil, "dpkg", "--print-architecture"))
	atRoot(t, nil, "cp", filepath.Join(dist, "authledger_0.1.0_"+architecture+".deb"), clean+"/authledger.deb")
	in := func(command string) string {
		t.Helper()
		return strings.TrimSpace(atRoot(t, []string{"LC_ALL=C"}, "chroot", clean, "sh", "-ec", command))
	}
	in("dpkg --install /authledger.deb")
	for _, test := range []struct{ command, want string }{
		{"dpkg --verify authledger", ""},
		{"stat -c '%a %U %G' /var/lib/authledger", "700 authledger authledger"},
		{"stat -c '%a %U %G' /etc/authledger/environment", "600 root root"},
		{"find /etc/systemd /var/lib/systemd -name 'authledger*'", ""}, // no unit is enabled
		{"grep -c '^ExecStart=/usr/bin/authledger serve$' /lib/systemd/system/authledger.service", "1"},
		{"grep -cx 'User=authledger' /lib/systemd/system/authledger-nats.service", "1"},
	} {
		if got := in(test.command); !strings.HasSuffix(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", test.command, got, test.want)
		}
	}
	demo := in(asUser + "authledger demo --once --users 200")
	if !strings.Contains(demo, "locked users") {
		t.Errorf("the demonstration printed no locked users:\n%s", demo)
	}
	in(asUser + "authledger --data /var/lib/authledger/ledger " +
		"do login.report user=alice outcome=succeeded")
	in("dpkg --purge authledger")
	if got := in("test ! -e /usr/bin/authledger && ls /var/lib/authledger"); got != "ledger" {
		t.Errorf("after the purge: got files %q in the data directory, want ledger", got)
	}
}
