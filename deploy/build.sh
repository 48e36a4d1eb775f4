#!/bin/sh
# Builds the static binary with the version $VERSION, and the image authledger:local from
# that binary. Docker pulls no image, because the image contains only the binary.
set -eu
cd "$(dirname "$0")"
image=${IMAGE:-authledger:local}
mkdir -p bin/data bin/tmp
echo "1/2 build the binary deploy/bin/authledger" >&2
./binary.sh deploy/bin/authledger
echo "2/2 build the image $image" >&2
docker build --quiet --tag "$image" .
