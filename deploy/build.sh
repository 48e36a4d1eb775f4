#!/bin/sh
# Builds the static binary with the version $VERSION, and the image authledger:local from
# that binary. Docker pulls no image, because the image contains only the binary.
set -eu
cd "$(dirname "$0")"
mkdir -p bin/data bin/tmp
(cd .. && CGO_ENABLED=0 go build -trimpath \
	-ldflags "-X authledger/cmd/internal/buildinfo.version=${VERSION:-v0.1.0}" -o deploy/bin/authledger ./cmd/authledger)
docker build --quiet --tag "${IMAGE:-authledger:local}" .
