/** Chunk signature: the hub signs the index of a file, and the device opens it for this file only. */
import {
  CHUNK_INDEX_PAYLOAD_TYPE,
  ChunkEnvelope,
  ChunkStatement,
  type RunCoding,
} from '@skerry/contract/chunks/chunk-index'
import type { Digest } from '@skerry/contract/values/digest'
import type { KeyPair } from '../certificates/private-key.ts'
import { digestOf } from '../files/hash.ts'
import { statementOpener, statementSigner } from '../signatures/signed-statement.ts'
import { type ChunkIndex, type Group, readRoot } from './chunk-index.ts'

/** The answer of the hub: the length of the envelope, the envelope, the root. */
export function encodeSignedIndex(blob: Digest, { root, sizeBytes, coding }: ChunkIndex, key: KeyPair): Uint8Array {
  const statement: ChunkStatement = { v: 1, cut: 1, blob, sizeBytes, root: digestOf(root), coding }
  const envelope = Buffer.from(JSON.stringify(statementSigner(CHUNK_INDEX_PAYLOAD_TYPE, key)(statement)))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(envelope.length)
  return Buffer.concat([length, envelope, root])
}

export type OpenedIndex = { ok: true; groups: Group[]; coding: RunCoding } | { ok: false; message: string }

type Expected = { blob: Digest; sizeBytes: number; trustedKeys: readonly string[] }

/** Opens the index of exactly this file. */
export function openSignedIndex(bytes: Uint8Array, { blob, sizeBytes, trustedKeys }: Expected): OpenedIndex {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const rootAt = whole.length < 2 ? whole.length : 2 + whole.readUInt16BE(0)
  const envelope = ChunkEnvelope.safeParse(parsed(whole.subarray(2, rootAt)))
  if (!envelope.success) return reject('it carries no signature')
  const opened = statementOpener(CHUNK_INDEX_PAYLOAD_TYPE, trustedKeys)(envelope.data)
  if (!opened.ok) return opened
  const statement = ChunkStatement.safeParse(opened.statement)
  if (!statement.success) return reject('this agent cannot read it; update the agent')
  const { data } = statement
  if (data.blob !== blob || data.sizeBytes !== sizeBytes) return reject('it is signed for another file')
  const root = whole.subarray(rootAt)
  if (digestOf(root) !== data.root) return reject('its groups are not the signed ones')
  const groups = readRoot(root, sizeBytes)
  return groups ? { ok: true, groups, coding: data.coding } : reject('its groups do not make up the file')
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

const reject = (message: string): OpenedIndex => ({ ok: false, message })
