#!/bin/sh
# Builds the static binary and the image authledger:local out of it. The engine
# pulls nothing: the image holds the binary alone.
set -eu
cd "$(dirname "$0")"
mkdir -p bin/data bin/tmp
(cd .. && CGO_ENABLED=0 go build -trimpath -o deploy/bin/authledger ./cmd/authledger)
docker build --quiet --tag "${IMAGE:-authledger:local}" .
