/** Push: a model file and its golden inputs become a signed version, as `skerry model push` does it. */
import { createHash } from 'node:crypto'
import type { Connection } from '@skerry/client/connection'
import { uploadBlob } from '@skerry/client/upload-blob'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { PushReply, PushRequest } from '@skerry/contract/models/model'
import { Digest } from '@skerry/contract/values/digest'
import type * as z from 'zod'
import type { HubProgram } from './fleet.ts'

/** Ten megabytes over loopback take a second; the hub's own check of the model may take longer on a busy machine. */
const PUSH_TIMEOUT_MS = 120_000
const RETRY_DELAY_MS = 500

export type NewVersion = { bytes: Uint8Array<ArrayBuffer> } & Omit<z.input<typeof PushRequest>, 'files'>

/** Uploads the file and makes it the model's next version. */
export async function pushModel(
  { client, connection }: Pick<HubProgram, 'client' | 'connection'>,
  { bytes, ...about }: NewVersion,
): Promise<PushReply> {
  const signal = AbortSignal.timeout(PUSH_TIMEOUT_MS)
  const digest = await upload(connection, bytes, signal)
  return client.model.push({ ...about, files: [{ path: MODEL_PATH, digest }] }, { signal })
}

export type NewFiles = { contents: Readonly<Record<string, Uint8Array<ArrayBuffer>>> } & Omit<NewVersion, 'bytes'>

/** Uploads files of any kind by their paths, and makes them the next version. */
export async function pushFiles(
  { client, connection }: Pick<HubProgram, 'client' | 'connection'>,
  { contents, ...about }: NewFiles,
): Promise<PushReply> {
  const signal = AbortSignal.timeout(PUSH_TIMEOUT_MS)
  const files: { path: string; digest: Digest }[] = []
  for (const [path, bytes] of Object.entries(contents))
    files.push({ path, digest: await upload(connection, bytes, signal) })
  return client.model.push({ ...about, files }, { signal })
}

async function upload(connection: Connection, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Digest> {
  const digest = Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  const source = (startBytes: number) => new Blob([bytes.subarray(startBytes)]).stream()
  await uploadBlob(connection, { digest, sizeBytes: bytes.length, source, delayMs: () => RETRY_DELAY_MS }, signal)
  return digest
}

/** A tensor of floats as golden inputs hold it. */
export const floatTensor = (shape: readonly number[], values: readonly number[] | Float32Array) => ({
  datatype: 'FP32' as const,
  shape: [...shape],
  data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
})
