/** Ledger file: the ledger as it lies beside the model files, in their folder or in their bucket. */
import type { Ledger } from '@skerry/core/ledger/ledger'
import * as z from 'zod'
import type { BlobBytes } from '../blobs/blob-bytes.ts'

/** Beside the folders of blobs. docs/running.md names it, for it belongs into no backup of the database. */
export const LEDGER_NAME = 'ledger.json'

const EndedState = z.union([
  z.enum(['revoked', 'removed', 'disabled', 'quarantined', 'wiping', 'wiped']),
  z.strictObject({ uses: z.int().min(0) }),
])

const LedgerText = z.strictObject({
  databaseId: z.string().min(1).max(64),
  sequence: z.int().min(0),
  writtenAtMs: z.int(),
  ended: z.record(z.string(), EndedState),
})

export type ReadLedgerResult =
  | { ok: true; ledger: Ledger | undefined }
  | { ok: false; code: 'ledger_damaged'; message: string }

/** Throws a problem if the store does not answer. */
export async function readLedger(blobs: BlobBytes, signal: AbortSignal): Promise<ReadLedgerResult> {
  const bytes = await blobs.readNote(LEDGER_NAME, signal)
  if (bytes === undefined) return { ok: true, ledger: undefined }
  const parsed = LedgerText.safeParse(jsonOf(bytes))
  if (parsed.success) return { ok: true, ledger: parsed.data }
  const message = `${LEDGER_NAME} in ${blobs.place} is damaged. It says which database owns the model files, and which credentials have ended. Restore it from a backup. Without one, start the hub once with --adopt-blobs, and revoke again what you revoked since the backup of the database`
  return { ok: false, code: 'ledger_damaged', message }
}

/** Replaces the ledger. */
export const writeLedger = (blobs: BlobBytes, ledger: Ledger, signal: AbortSignal): Promise<void> =>
  blobs.writeNote(LEDGER_NAME, Buffer.from(`${JSON.stringify(ledger)}\n`), signal)

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
