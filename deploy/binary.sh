#!/bin/sh
# Builds the static binary with the version $VERSION: deploy/binary.sh FILE [FLAG…]. The path of the
# file is absolute or relative to the root directory. The flags are flags of `go build`.
set -eu
cd "$(dirname "$0")/.."
out=$1
shift
CGO_ENABLED=0 go build -trimpath "$@" \
	-ldflags "-X authledger/cmd/internal/buildinfo.version=${VERSION:-v0.1.0}" -o "$out" ./cmd/authledger
