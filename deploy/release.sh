#!/bin/sh
# Builds the release $VERSION into the directory $OUT (dist/): static binaries and Debian packages for
# linux/amd64 and linux/arm64, an SBOM (CycloneDX) of each binary, and SHA256SUMS of all files. Two runs
# on one commit with one Go release write the same bytes.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
export VERSION="${VERSION:-v0.1.0}"
out=${OUT:-dist}
[ "$(go env GOHOSTOS)" = linux ] || { echo 'release.sh: the manual needs a Linux binary: run it on Linux' >&2; exit 1; }
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
[ -z "$(git status --porcelain)" ] || echo 'release.sh: the working tree differs from the commit' >&2
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step=0
progress() {
	step=$((step + 1))
	printf '%d/9 %s\n' "$step" "$*" >&2
}

progress 'build the tools: nfpm, cyclonedx-gomod'
GOFLAGS=-trimpath go build -modfile=tools/go.mod -o "$work/tools/" \
	github.com/goreleaser/nfpm/v2/cmd/nfpm github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
for arch in amd64 arm64; do
	name=authledger-$VERSION-linux-$arch
	progress "build $name"
	GOOS=linux GOARCH=$arch deploy/binary.sh "$work/$name" -buildvcs=true
	progress "list the modules of $name"
	"$work/tools/cyclonedx-gomod" bin -json -std -noserial -notimestamp -version "$VERSION" \
		-output "$out/$name.cdx.json" "$work/$name" 2>/dev/null
	cp "$work/$name" "$out/$name"
done

progress 'write the manual and the completion scripts'
stage=$work/stage
program=$work/authledger-$VERSION-linux-$(go env GOHOSTARCH)
mkdir -p "$stage/bin" "$stage/systemd" "$stage/doc"
"$program" man "$stage/man"
gzip -9n "$stage"/man/*.1
for shell in bash zsh fish; do
	"$program" completion "$shell" >"$stage/completion.$shell"
done
gzip -9nc CHANGELOG.md >"$stage/doc/changelog.gz"
# In a package the binary is below /usr/bin, and the user has a fixed id.
for unit in authledger authledger-nats; do
	sed -e 's|/usr/local/bin/|/usr/bin/|' -e '/^User=/d' -e 's|^DynamicUser=yes$|User=authledger\nGroup=authledger|' \
		"deploy/$unit.service" >"$stage/systemd/$unit.service"
done
cp -R deploy/deb deploy/prometheus deploy/grafana LICENSE "$stage/"

for arch in amd64 arm64; do
	progress "build the Debian package for $arch"
	cp "$work/authledger-$VERSION-linux-$arch" "$stage/bin/authledger"
	# nfpm copies the time of each file.
	find "$stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
	(cd "$stage" && ARCH=$arch "$work/tools/nfpm" package --config "$root/deploy/nfpm.yaml" --packager deb --target "$out/" >&2)
done

progress 'write SHA256SUMS'
(cd "$out" && sha256sum -- * >"$work/SHA256SUMS" && cp "$work/SHA256SUMS" .)
cat "$out/SHA256SUMS"
