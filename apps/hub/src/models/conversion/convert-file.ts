/** Converts an uploaded model of another framework to an ONNX file, which becomes a blob of the caller's organisation. */
import { join } from 'node:path'
import { CONVERSION_BYTES_MAX, type Conversion } from '@skerry/contract/models/tabular/conversion'
import type { Digest } from '@skerry/contract/values/digest'
import type { Refusal } from '@skerry/onnx/refusal'
import type { Converted } from '@skerry/onnx/tabular/tabular-model'
import { digestOf } from '@skerry/platform/files/hash'
import { findBlob, holdBlob, refuseRemoved } from '../../blobs/blob-store.ts'
import type { KeyCall } from '../../http/call.ts'
import { problem, throwProblem } from '../../http/problem.ts'
import { requireStorageRoom } from '../../organisations/quota.ts'
import { inModelThread } from '../model-thread.ts'
import { stageFiles } from '../staging.ts'

export type ConversionOrder = { path: string }

/** The conversions wait in the queue of pushes. A push of the same model follows. */
const RETRY_AFTER_MS = 10_000

/** Throws a problem if the file cannot be converted; the message names what cannot be expressed. */
export async function convertFile(call: KeyCall, digest: Digest, signal: AbortSignal): Promise<Conversion> {
  const { hub, organisationId } = call
  const blob = await findBlob(hub.store.db, organisationId, digest)
  if (!blob) throw problem('blob_unknown', `${digest} has not been uploaded; upload it first`)
  if (blob.size_bytes > CONVERSION_BYTES_MAX) {
    throw problem('model_form_invalid', `a file to convert has at most ${CONVERSION_BYTES_MAX} bytes`)
  }
  using _pins = hub.blobGuard.pin([digest])
  const queued = hub.pushQueue.run(organisationId, () => convertStaged(call, digest, signal), signal)
  if (!queued.ok) {
    throw problem('push_queue_full', 'too many pushes are pending; convert again in a minute', {
      retryAfterMs: RETRY_AFTER_MS,
    })
  }
  const { bytes, ...facts } = await queued.value
  const file = { digest: digestOf(bytes), sizeBytes: bytes.length }
  const conversion = { ...facts, ...file }
  await keep(call, { conversion, source: digest, bytes }, signal)
  return conversion
}

const SOURCE = 'source'

async function convertStaged({ hub }: KeyCall, digest: Digest, signal: AbortSignal): Promise<Converted> {
  const folder = hub.stagingPath(hub.ids.build())
  await using staged = await stageFiles(hub, { folder, files: [{ path: SOURCE, digest, sizeBytes: 0 }] }, signal)
  const order: ConversionOrder = { path: join(staged.folder, SOURCE) }
  const converted = await inModelThread<{ ok: true; value: Converted } | Refusal>(workerUrl, order, signal)
  if (!converted.ok) throwProblem(converted)
  return converted.value
}

type Kept = { conversion: Conversion; source: Digest; bytes: Uint8Array }

/** A blob that no push follows is collected, as after an upload. */
async function keep(call: KeyCall, { conversion, source, bytes }: Kept, signal: AbortSignal): Promise<void> {
  const { hub, organisationId } = call
  const { digest, sizeBytes, framework, what } = conversion
  await hub.blobGuard.exclusive(digest, async () => {
    await refuseRemoved(hub.store.db, digest)
    await hub.blobs.put(digest, bytes, signal)
    await call.change(async (tx, note) => {
      await requireStorageRoom(tx, organisationId, sizeBytes)
      await holdBlob(tx, { organisationId, digest, sizeBytes, nowMs: hub.clock.nowMs() })
      note.object.id = source
      note.detail = { framework, what, digest }
    })
  })
}

/** A TypeScript file here, and a JavaScript file once published. */
const workerUrl = new URL(`./conversion-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
