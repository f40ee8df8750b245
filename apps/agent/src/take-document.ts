/** Take document: obeys the hub's newest word, or refuses it. The digest is computed over the items as they came, before any of them is read. */
import { type DocumentMessage, readDocument } from '@skerry/contract/devices/desired'
import { judgeDocument } from '@skerry/core/device/document-acceptance'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from './conditions.ts'
import type { Identity } from './joining/identity.ts'
import type { AgentStore } from './store/agent-store.ts'

export type TakeDeps = { store: AgentStore; conditions: Conditions; log: Log }

/** True when the device follows another document now. It is on disk by then. */
export function takeDocument(
  document: DocumentMessage,
  deviceId: Identity['deviceId'],
  { store, conditions, log }: TakeDeps,
): boolean {
  const followed = store.document()
  const observed = { deviceId, generation: followed?.generation ?? 0, ...(followed ? { digest: followed.digest } : {}) }
  const judged = judgeDocument(observed, document, digestOf(canonicalJson(document.items)))
  if (judged.kind === 'refuse') {
    conditions.raise(judged.cause)
    return false
  }
  for (const code of ['generation_refused', 'document_misdirected', 'document_damaged']) conditions.clear(code)
  if (judged.kind === 'known') return false
  store.saveDocument(document)
  log.info('document_accepted', { generation: document.generation, items: document.items.length })
  const { rejected } = readDocument(document)
  for (const { name, cause } of rejected) log.warn('item_rejected', { name, ...cause })
  return true
}
