/** Chunk bytes: the bytes in both directions of a download by chunks, with the code of the hub and of the agent. */
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { DIFFERENCES_HEADER, DIFFERENCES_VERSION } from '@skerry/contract/chunks/differences'
import type { Digest } from '@skerry/contract/values/digest'
import { decodeReferredRuns, decodeRuns } from '@skerry/core/chunks/byte-runs'
import { openBlobFolder } from '@skerry/platform/blobs/blob-folder'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { buildChunkIndex } from '@skerry/platform/chunks/chunk-index'
import { encodeSignedIndex } from '@skerry/platform/chunks/chunk-signature'
import { downloadDelta } from '@skerry/platform/chunks/delta-download'
import type { SendToHub } from '@skerry/platform/chunks/delta-requests'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { readDifferences } from '../../apps/hub/src/chunks/read-differences.ts'
import { encodeRuns, readRuns } from '../../apps/hub/src/chunks/read-runs.ts'
import type { Change } from './changes.ts'

/** As the agent does, it takes the whole file if chunks do not pay. */
export async function chunkBytes(folder: string, { before, after }: Change): Promise<number> {
  const signal = AbortSignal.timeout(600_000)
  const blobs = await openBlobFolder({ fileSystem: nodeFileSystem, path: join(folder, 'blobs'), freeBytesMin: 0 })
  const digest = digestOf(after)
  const old = digestOf(before)
  const key = generateKeyPair()
  const index = await buildChunkIndex(Readable.from([after]), signal)
  const files = new Map([
    [digest, after],
    [old, before],
  ])
  const ranged = {
    read: (of: Digest, { start = 0, end = 0 }) => Readable.from([files.get(of)?.subarray(start, end + 1)]),
  }
  let sentBytes = 0
  const send: SendToHub = async ({ path, content }) => {
    const body = content ? Buffer.concat(await content.stream.toArray()) : Buffer.alloc(0)
    sentBytes += body.length
    const header = { [DIFFERENCES_HEADER]: DIFFERENCES_VERSION }
    if (!content) return answer(Readable.from([encodeSignedIndex(digest, index, key)]), header)
    if (path.endsWith(`/differences/${old}`)) {
      const referred = decodeReferredRuns(body, { sizeBytes: after.length, oldSizeBytes: before.length }) ?? []
      return answer(Readable.from(readDifferences(ranged, { digest, old }, referred, signal)), {})
    }
    const isPages = path.endsWith('/chunks')
    const runs = decodeRuns(body, isPages ? index.pages.length : after.length) ?? []
    const pages = runs.map(({ start, length }) => index.pages.subarray(start, start + length))
    if (isPages) return answer(Readable.from(pages), {})
    const stream = encodeRuns(readRuns(ranged, digest, runs, signal), index.coding)
    return answer(stream, index.coding === 'zstd' ? { 'content-encoding': 'zstd' } : {})
  }
  const handle = { open: () => nodeFileSystem.open(join(folder, 'before'), 'r') }
  const outcome = await downloadDelta(
    {
      send,
      digest,
      sizeBytes: after.length,
      trustedKeys: [key.publicKeyPem],
      seeds: [{ digest: old, sizeBytes: before.length, ...handle }],
      folder: blobs,
      clock: systemClock,
      random: Math.random,
    },
    signal,
  )
  if (outcome.kind === 'whole') return after.length + index.root.length + index.pages.length
  if (!outcome.result.ok) throw new Error(outcome.result.message)
  return outcome.result.receivedBytes + sentBytes
}

const answer = (stream: Readable, headers: Record<string, string>) => ({
  ok: true as const,
  status: 200,
  headers,
  stream: stream as IncomingMessage,
})
