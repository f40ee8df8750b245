/** Own files: claims the model files at the start of a hub, before it serves requests. */
import { isProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { adoptFiles, beginLedger, type ClaimResult, claimFiles } from './claim-files.ts'

/** A healthy bucket answers within a second, and devices wait for the hub. */
const CLAIM_MS = 5_000

/**
 * A hub starts even if its bucket does not answer. It owns nothing then and removes no file. The keeper of the ledger
 * claims the files as soon as the bucket is back.
 */
export async function ownFiles(hub: Hub, isAdopting: boolean): Promise<ClaimResult> {
  if (isAdopting) await adoptFiles(hub, hub.signal)
  const limit = AbortSignal.timeout(CLAIM_MS)
  try {
    const signal = AbortSignal.any([hub.signal, limit])
    const claim = await claimFiles(hub, signal)
    // At once: a file that arrives before the first ledger would look like a file of another database.
    if (claim.ok && !claim.ledger) await beginLedger(hub, signal)
    return claim
  } catch (error) {
    const isSilent = limit.aborted || (isProblem(error) && error.code === 'hub_unavailable')
    if (!isSilent) throw error
    hub.log.warn('ledger_unread', { place: hub.blobs.place, error })
    return { ok: true, ledger: undefined }
  }
}
