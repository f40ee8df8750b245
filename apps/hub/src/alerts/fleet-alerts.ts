/** Fleet alerts: loads the facts, and lets core decide what needs a person. */
import type { Alerts } from '@skerry/contract/alerts/alert'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type AlertFacts, KEY_NOTICE_MS, UNHEARD_MS } from '@skerry/core/alerts/alert-facts'
import { alertsOf } from '@skerry/core/alerts/alerts'
import { findLoosening } from '../approvals/approval-store.ts'
import type { Hub } from '../hub.ts'
import { intrusionOf, listIntrusions } from '../intrusion/intrusion-store.ts'
import { fileTrouble } from '../ledger/ledger-store.ts'
import type { Db } from '../store/store.ts'
import { certificateGroups, troubleGroups } from './device-findings.ts'
import {
  duplicatedGroups,
  failedGroups,
  type GroupWish,
  staleGroups,
  unheardGroups,
  waitingGroups,
} from './device-groups.ts'
import { emptiedDeployments, rolloutFacts } from './rollout-facts.ts'

/** Above the space that is always kept free: some pushes of large models. */
const DISK_LOW_BYTES = 2 * 2 ** 30

/** More would be a list of keys. */
const KEYS_MAX = 100

/** What alerts are derived from. */
export type AlertHub = {
  clock: Pick<Hub['clock'], 'nowMs'>
  config: Pick<Hub['config'], 'certificateNotAfterMs' | 'authorityNotAfterMs'>
  store: { db: Db }
  disk: Pick<Hub['disk'], 'hasRoomFor'>
}

/** More are one storm, and the list of findings has them all. */
const INTRUSIONS_MAX = 20

type Scope = { organisationId: OrganisationId; mayReadKeys: boolean; mayReadIntrusions: boolean }

/** What needs a person now, as far as the caller may know of it. */
export async function fleetAlerts(hub: AlertHub, scope: Scope): Promise<Alerts> {
  const nowMs = hub.clock.nowMs()
  const { neverHeard, ...facts } = await factsOf(hub, { ...scope, nowMs })
  const silent = facts.stale.reduce((sum, { count }) => sum + count, 0)
  return { ...alertsOf(facts, nowMs), unknownDevices: silent + neverHeard }
}

async function factsOf(
  hub: AlertHub,
  { organisationId, nowMs, mayReadKeys, mayReadIntrusions }: Scope & { nowMs: number },
): Promise<AlertFacts & { neverHeard: number }> {
  const { db } = hub.store
  const wish = { organisationId, nowMs }
  return {
    ...(await failedGroups(db, wish)),
    stale: await staleGroups(db, wish),
    ...(await unheardGroups(db, organisationId, nowMs - UNHEARD_MS)),
    ...(await waitingGroups(db, organisationId)),
    duplicated: await duplicatedGroups(db, wish),
    troubles: await troubleGroups(db, wish),
    ...(await certificateGroups(db, wish)),
    rollouts: await rolloutFacts(db, organisationId),
    emptied: await emptiedDeployments(db, organisationId),
    certificateNotAfterMs: hub.config.certificateNotAfterMs,
    authorityNotAfterMs: hub.config.authorityNotAfterMs,
    disk: await diskOf(hub),
    files: await fileTrouble(db),
    loosened: await looseningOf(db, wish),
    keys: mayReadKeys ? await keysEnding(db, wish) : [],
    intrusions: mayReadIntrusions ? await openIntrusions(db, organisationId) : [],
  }
}

/** A week: whoever looks after the organisation has seen it by then. */
const LOOSENED_MS = 7 * 86_400_000

async function looseningOf(db: Db, { organisationId, nowMs }: GroupWish): Promise<AlertFacts['loosened']> {
  const found = await findLoosening(db, organisationId)
  return found && found.atMs > nowMs - LOOSENED_MS ? found : undefined
}

async function diskOf({ disk }: AlertHub): Promise<AlertFacts['disk']> {
  if (!(await disk.hasRoomFor(0))) return 'full'
  return (await disk.hasRoomFor(DISK_LOW_BYTES)) ? 'roomy' : 'low'
}

async function keysEnding(db: Db, { organisationId, nowMs }: GroupWish) {
  const rows = await db
    .selectFrom('keys')
    .select(['name', 'expires_at_ms'])
    .where('organisation_id', '=', organisationId)
    .where('revoked_at_ms', 'is', null)
    // A person signs in again; nobody else can do it.
    .where('user_id', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .where('expires_at_ms', '<', nowMs + KEY_NOTICE_MS)
    .orderBy('expires_at_ms')
    .limit(KEYS_MAX)
    .execute()
  return rows.map(({ name, expires_at_ms }) => ({ name, expiresAtMs: expires_at_ms ?? 0 }))
}

async function openIntrusions(db: Db, organisationId: OrganisationId) {
  const rows = await listIntrusions(db, { organisationId, status: 'open', limit: INTRUSIONS_MAX })
  return rows.map(intrusionOf)
}
