/** Held document: the agent's side of one document that the hub keeps the device in step with. All of them share follow-documents.ts. */
import type { HeldKind } from '@skerry/contract/held/held-document'

export type HeldDocument<Document, Held> = {
  readonly kind: HeldKind<Document, Held>
  /**
   * proof: at once, and its first message proves the hub. at-once: without waiting for the proof. proved: another hub must not learn what the device holds,
   * so it waits for the proof.
   */
  readonly begins: 'proof' | 'at-once' | 'proved'
  /** What the device reports that it holds. */
  held(): Held | Promise<Held>
  /**
   * The device holds it from now on; if it cannot, a condition says why, and all stays as it was. `report`: the hub must learn what the device holds now.
   */
  take(document: Document, signal: AbortSignal): Promise<'report' | 'done'>
  /** Resolves when what the device holds is news for the hub, without a document. */
  news?(signal: AbortSignal): Promise<void>
}
