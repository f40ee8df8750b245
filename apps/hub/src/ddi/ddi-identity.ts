/** DDI identity: finds the device of a request by its path and its target token. */

import { isRefused } from '@skerry/core/devices/quarantine'
import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { fitsHash, presentedSecret } from '../keys/key-secret.ts'
import { requireOpen } from '../organisations/organisation-state.ts'
import { type DdiRow, findController } from './ddi-store.ts'

export type DdiCaller = {
  tenant: string
  controllerId: string
  authorization: string | undefined
  source: string
}

/** Other parts of a path name no device. A database may even reject a query about them, such as one with a zero byte. */
const PART = /^[\w.:-]{1,128}$/

/**
 * The device, whose token the caller has shown. A wrong token and an unknown device get the same answer, so that nobody
 * learns which devices exist. Each failure counts for the limit of guesses.
 */
export async function identifyController(hub: Hub, caller: DdiCaller): Promise<DdiRow> {
  const { tenant, controllerId, authorization = '', source } = caller
  const [, token] = /^TargetToken ([A-Za-z0-9_-]{1,64})$/i.exec(authorization) ?? []
  const isReadable = PART.test(tenant) && PART.test(controllerId)
  const row = token !== undefined && isReadable ? await findController(hub.store.db, tenant, controllerId) : undefined
  if (!row || token === undefined || !fitsHash(token, row.token_hash)) {
    const identity = token === undefined ? undefined : presentedSecret(token)
    refuseGuesser(hub, { source, identity }, 'ddi_token_refused')
    throw problem('ddi_token_refused')
  }
  await requireOpen(hub.store.db, row.organisation_id)
  if (isRefused(row.status) || row.status === 'wiping') throw problem('device_revoked')
  hub.devicePacer.admit(row.device_id, 'ddi')
  return row
}
