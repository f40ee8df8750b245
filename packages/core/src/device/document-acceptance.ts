/** Document acceptance: whether a device takes a desired document for its newest intent (design, law 4: the device decides last). */
import type { DocumentMessage } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'

/** What the device follows now. */
export type Observed = { deviceId: DeviceId; generation: number; digest?: Digest }

export type Acceptance = { kind: 'accept' } | { kind: 'known' } | { kind: 'refuse'; cause: Cause }

/**
 * Generations only rise: a lower one, or an equal one with other content, comes from a hub that lost its memory, and obeying it would be
 * a silent downgrade. `digest` is what the device itself computed over the document's items.
 */
export function judgeDocument(observed: Observed, document: DocumentMessage, digest: Digest): Acceptance {
  const { generation } = document
  if (document.deviceId !== observed.deviceId) {
    return refuse(
      'document_misdirected',
      `the document is for ${document.deviceId}; this device is ${observed.deviceId}`,
    )
  }
  if (document.digest !== digest) {
    return refuse('document_damaged', `the document states the digest ${document.digest}, but its items have ${digest}`)
  }
  if (generation === observed.generation && digest === observed.digest) return { kind: 'known' }
  if (generation > observed.generation) return { kind: 'accept' }
  const message = `the hub offers generation ${generation}, but this device follows ${observed.generation}; if the hub was restored from a backup, run "skerry device resume"`
  return refuse('generation_refused', message)
}

const refuse = (code: string, message: string): Acceptance => ({ kind: 'refuse', cause: { code, message } })
