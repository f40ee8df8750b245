/** Protoc: Google's own compiler makes and reads the bytes of Sparkplug's payloads, for the test that needs it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'

const PROTO = ['--proto_path', join(import.meta.dirname, '../../connectors/proto'), 'sparkplug_b.proto']

/** Whether this machine has it. Tests that need it are skipped otherwise. */
export const hasProtoc = spawnSync('protoc', ['--version'], { stdio: 'ignore' }).error === undefined

const encoded = new Map<string, Buffer>()

/** A payload in protobuf's text format, as bytes. */
export function encode(text: string): Buffer {
  const known = encoded.get(text)
  if (known) return known
  const bytes = execFileSync('protoc', ['--encode=sparkplug.Payload', ...PROTO], { input: text })
  encoded.set(text, bytes)
  return bytes
}

/** A payload's bytes, as text. */
export const decode = (bytes: Buffer): string =>
  execFileSync('protoc', ['--decode=sparkplug.Payload', ...PROTO], { input: bytes, encoding: 'utf8' })
