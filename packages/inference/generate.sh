#!/bin/sh
# Regenerates src/generated/open_inference_grpc_pb.ts from proto/open_inference_grpc.proto.
# Needs protoc (Debian: protobuf-compiler); protoc-gen-es comes with the repository's development dependencies.
set -eu
cd "$(dirname "$0")"
protoc --proto_path=proto --plugin=protoc-gen-es=../../node_modules/.bin/protoc-gen-es \
  --es_out=src/generated --es_opt=target=ts,import_extension=ts open_inference_grpc.proto
