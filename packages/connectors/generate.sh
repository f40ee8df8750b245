#!/bin/sh
# Regenerates src/generated/sparkplug_b_pb.ts from proto/sparkplug_b.proto.
# Needs protoc (Debian: protobuf-compiler); protoc-gen-es comes with the repository's development dependencies.
set -eu
cd "$(dirname "$0")"
protoc --proto_path=proto --plugin=protoc-gen-es=../../node_modules/.bin/protoc-gen-es \
  --es_out=src/generated --es_opt=target=ts,import_extension=ts,erasable_syntax=true sparkplug_b.proto
