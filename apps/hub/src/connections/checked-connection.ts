/** Checked connection: a source or sink as a person wrote it, checked, and in its stored form. */
import { type ConnectionKind, type ConnectionSpec, SPEC_BYTES_MAX } from '@skerry/contract/connections/connection'
import { outlineOf, SinkSpec } from '@skerry/contract/connections/connection-spec'
import { type DataClasses, dataClassesOf } from '@skerry/contract/connections/data-classes'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { Digest } from '@skerry/contract/values/digest'
import { CheckedSourceSpec } from '@skerry/core/equipment/source-spec'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'

export type CheckedConnection =
  | {
      ok: true
      text: string
      digest: Digest
      sizeBytes: number
      protocol: string
      tags: number | null
      classes: DataClasses | undefined
    }
  | { ok: false; code: ErrorCode; message: string }

type Written = { name: string; spec: ConnectionSpec }

/** Checks it under the name in the path. */
export function checkConnection(kind: ConnectionKind, { name, spec }: Written): CheckedConnection {
  if (spec.name !== name) return invalid(`spec.name is ${spec.name}, and the path says ${name}`)
  const { error } = (kind === 'source' ? CheckedSourceSpec : SinkSpec).safeParse(spec)
  const mistakes = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  if (mistakes) return invalid(`spec is not a valid ${kind}: ${mistakes.join('; ')}`.slice(0, 2_000))
  const text = canonicalJson(spec)
  const sizeBytes = Buffer.byteLength(text)
  if (sizeBytes > SPEC_BYTES_MAX) return { ok: false, code: 'body_too_large', message: `a ${kind} has at most 32 MiB` }
  return { ok: true, text, digest: digestOf(text), sizeBytes, ...outlineOf(spec), classes: dataClassesOf(spec) }
}

const invalid = (message: string) => ({ ok: false, code: 'input_invalid', message }) as const
