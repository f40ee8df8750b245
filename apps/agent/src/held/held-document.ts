/**
 * Held document: the agent's side of one document that the hub keeps in step with the device. All of them share
 * follow-documents.ts.
 */
import type { HeldKind } from '@skerry/contract/held/held-document'

export type HeldDocument<Document, Held> = {
  readonly kind: HeldKind<Document, Held>
  /**
   * proof: at once, and its first message proves the hub. at-once: without waiting for the proof. proved: another hub
   * must not learn the device's state, so it waits for the proof.
   */
  readonly begins: 'proof' | 'at-once' | 'proved'
  /** The held state that the device reports. */
  held(): Held | Promise<Held>
  /**
   * The device holds the document from now on. If it cannot, a condition gives the reason, and nothing changes.
   * `report`: the hub must get the new state.
   */
  take(document: Document, signal: AbortSignal): Promise<'report' | 'done'>
  /** Resolves when the held state has news for the hub, without a new document. */
  news?(signal: AbortSignal): Promise<void>
}
