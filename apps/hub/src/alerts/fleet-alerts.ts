/** Fleet alerts: loads the facts, and calls core to decide which alerts need a person. */
import type { Alerts } from '@skerry/contract/alerts/alert'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type AlertFacts, KEY_NOTICE_MS, NO_FACTS, UNHEARD_MS } from '@skerry/core/alerts/alert-facts'
import { alertsOf } from '@skerry/core/alerts/alerts'
import { findLoosening } from '../approvals/approval-store.ts'
import type { Hub } from '../hub.ts'
import { intrusionOf, listIntrusions } from '../intrusion/intrusion-store.ts'
import { invalidAnswers } from '../language-models/invalid-answers.ts'
import { fileTrouble } from '../ledger/ledger-store.ts'
import { movedModels } from '../monitors/moved-models.ts'
import type { Db } from '../store/store.ts'
import { severeVulnerabilities } from '../vulnerabilities/find-vulnerabilities.ts'
import { certificateGroups, troubleGroups } from './device-findings.ts'
import {
  duplicatedGroups,
  failedGroups,
  type GroupWish,
  staleGroups,
  unheardGroups,
  waitingGroups,
} from './device-groups.ts'
import { downConnections, newlyDownConnections } from './down-connections.ts'
import { newlySilentDevices } from './newly-silent.ts'
import { raisedAlarms } from './raised-alarms.ts'
import { emptiedDeployments, rolloutFacts } from './rollout-facts.ts'
import { slowModels } from './slow-models.ts'

/** Free space above the reserve of the hub: room for some pushes of large models. */
const DISK_LOW_BYTES = 2 * 2 ** 30

/** A longer list would only repeat the list of keys. */
const KEYS_MAX = 100

/** The parts of the hub from which alerts are derived. */
export type AlertHub = {
  clock: Pick<Hub['clock'], 'nowMs'>
  config: Pick<Hub['config'], 'certificateNotAfterMs' | 'authorityNotAfterMs'>
  store: { db: Db }
  disk: Pick<Hub['disk'], 'hasRoomFor'>
}

/** More findings usually belong to one event, and the list of findings shows all of them. */
const INTRUSIONS_MAX = 20

type Scope = {
  organisationId: OrganisationId
  mayReadKeys: boolean
  mayReadIntrusions: boolean
  mayReadConnections: boolean
}

/** The alerts that need a person now, limited to the caller's scope. */
export async function fleetAlerts(hub: AlertHub, scope: Scope): Promise<Alerts> {
  const nowMs = hub.clock.nowMs()
  const { neverHeard, ...facts } = await factsOf(hub, { ...scope, nowMs })
  const silent = facts.stale.reduce((sum, { count }) => sum + count, 0)
  const wish = { organisationId: scope.organisationId, nowMs }
  const newlySilent = await newlySilentDevices(hub.store.db, wish)
  const newlyDown = scope.mayReadConnections ? await newlyDownConnections(hub.store.db, wish) : []
  return {
    ...alertsOf(facts, nowMs),
    unknownDevices: silent + neverHeard,
    ...(newlySilent && { newlySilent }),
    ...(newlyDown.length > 0 && { newlyDown }),
  }
}

async function factsOf(
  hub: AlertHub,
  { organisationId, nowMs, mayReadKeys, mayReadIntrusions, mayReadConnections }: Scope & { nowMs: number },
): Promise<AlertFacts & { neverHeard: number }> {
  const { db } = hub.store
  const wish = { organisationId, nowMs }
  return {
    alarms: await raisedAlarms(db, wish),
    ...(await failedGroups(db, wish)),
    stale: await staleGroups(db, wish),
    ...(await unheardGroups(db, organisationId, nowMs - UNHEARD_MS)),
    ...(await waitingGroups(db, organisationId)),
    duplicated: await duplicatedGroups(db, wish),
    troubles: await troubleGroups(db, wish),
    ...(await certificateGroups(db, wish)),
    rollouts: await rolloutFacts(db, organisationId),
    emptied: await emptiedDeployments(db, organisationId),
    moved: await movedModels(db, organisationId, nowMs),
    slow: await slowModels(db, wish),
    invalidAnswers: await invalidAnswers(db, wish),
    vulnerable: await severeVulnerabilities(db, wish),
    ...(mayReadConnections
      ? await downConnections(db, wish)
      : { down: NO_FACTS.down, answeredDown: NO_FACTS.answeredDown }),
    certificateNotAfterMs: hub.config.certificateNotAfterMs,
    authorityNotAfterMs: hub.config.authorityNotAfterMs,
    disk: await diskOf(hub),
    files: await fileTrouble(db),
    loosened: await looseningOf(db, wish),
    keys: mayReadKeys ? await keysEnding(db, wish) : [],
    intrusions: mayReadIntrusions ? await openIntrusions(db, organisationId) : [],
  }
}

/** A week: within that time the administrators of the organisation have seen the alert. */
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
    // Keys of people are left out, because a person can sign in again.
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
