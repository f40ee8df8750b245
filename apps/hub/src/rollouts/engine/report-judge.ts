/**
 * Report judge: converts the stored reports of devices on their offers into events for rollouts. It reads levels, so it
 * may run any number of times. It runs when a report changed, at intervals for all undecided devices, and once after a
 * start.
 */
import type { Inventory } from '@skerry/contract/devices/device'
import type { Digest } from '@skerry/contract/values/digest'
import type { RolloutId } from '@skerry/contract/values/ids'
import { buildFor } from '@skerry/core/builds/choice'
import { isAbout, outcomeOf } from '@skerry/core/devices/desired'
import { heldUntil } from '@skerry/core/devices/held-report'
import type { DeviceSaid } from '@skerry/core/rollouts/rollout-hearing'
import { sql } from 'kysely'
import { type ClassForm, classOfInventory, formsOf } from '../../builds/class-form-store.ts'
import { itemOf } from '../../devices/device-store.ts'
import { fromJson, type Json } from '../../store/json-column.ts'
import type { Db, Tx } from '../../store/store.ts'
import { judgeStages } from '../../systems/judge-stages.ts'
import { sendEvents } from '../rollout-step.ts'
import { findRollout } from '../rollout-store.ts'
import { type EvidenceScope, keepEvidence } from './member-evidence.ts'

/** Judges the reports of the scope. For a rollout, only its undecided devices. Returns the changed rollouts. */
export async function judgeReports(tx: Tx, scope: EvidenceScope, nowMs: number): Promise<RolloutId[]> {
  const staged = await judgeStages(tx, scope, nowMs)
  const changed = [...staged.changed, ...(await keepEvidence(tx, scope))]
  const byRollout = new Map<RolloutId, DeviceSaid[]>()
  const organisations = new Map<RolloutId, Row['organisation_id']>()
  const removed = (await removedRows(tx, scope)).map((row) => ({ row, event: removedEvent(row) }))
  const rows = await rowsOf(tx, scope)
  const wantedDigest = await digestsOf(tx, rows)
  const heard = rows.map((row) => ({ row, event: eventOf(row, wantedDigest(row), nowMs) }))
  for (const { row, event } of [...removed, ...heard, ...staged.events]) {
    if (!event) continue
    byRollout.set(row.rollout_id, [...(byRollout.get(row.rollout_id) ?? []), event])
    organisations.set(row.rollout_id, row.organisation_id)
  }
  for (const [rolloutId, said] of byRollout) {
    const organisationId = organisations.get(rolloutId)
    const rollout = organisationId && (await findRollout(tx, { organisationId, rolloutId }))
    if (!rollout) continue
    const sent = await sendEvents(tx, rollout, [{ kind: 'said', said }], nowMs)
    if (sent.ok && sent.isChanged) changed.push(rolloutId)
  }
  return changed
}

/** The event in the row's report that its rollout does not know yet. */
function eventOf(row: Row, digest: Digest, nowMs: number): DeviceSaid | undefined {
  const item = itemOf(row)
  const offered = {
    deploymentId: row.deployment_id,
    revision: row.revision,
    version: row.version,
    digest,
    retryToken: row.wanted_retry_token ?? 0,
  }
  const { device_id: deviceId, wave, outcome, retries } = row
  const heldUntilMs = row.held_until_ms ?? undefined
  const member = { wave, outcome, retries, retryAtMs: row.retry_at_ms ?? undefined, heldUntilMs }
  const heard = outcomeOf(item, offered)
  if (heard !== undefined && heard !== outcome) return { kind: 'report', deviceId, member, heard }
  if (outcome !== 'offered' || !isAbout(item, offered)) return undefined
  const hold = { item, saidAtMs: row.reported_at_ms, heardAtMs: row.last_seen_at_ms }
  const untilMs = heldUntil(hold, heldUntilMs, nowMs)
  return untilMs === undefined ? undefined : { kind: 'hold', deviceId, member, untilMs }
}

type Row = Awaited<ReturnType<typeof rowsOf>>[number]

/**
 * The content that a device should run: of its class's build, of the build that the revision names, or of the version.
 * Rows of one revision share the text of its choices, which is read once.
 */
async function digestsOf(db: Db, rows: readonly Row[]): Promise<(row: Row) => Digest> {
  const texts = new Set(rows.flatMap(({ build_choices }) => build_choices ?? []))
  const choices = new Map([...texts].map((text) => [text, fromJson(text)]))
  const formsIn = await formsOf(db, [...choices.values()])
  const forms = new Map([...choices].map(([text, list]): [string, ClassForm[]] => [text, formsIn(list)]))
  return ({ build_choices, inventory, build_digest, digest }) => {
    if (build_choices === null) return build_digest ?? digest
    const list = forms.get(build_choices) ?? []
    const build = buildFor(list, classOfInventory(inventory))
    return list.find((form) => form.build === build)?.digest ?? digest
  }
}

/**
 * The devices' rows in the rollouts in force, with their reports on the deployment's item. Only reports after the
 * document with the offer count, because an earlier one is no answer to it.
 */
function rowsOf(db: Db, scope: EvidenceScope) {
  const base = db
    .selectFrom('rollout_members as member')
    .innerJoin('deployments', 'deployments.rollout_id', 'member.rollout_id')
    .innerJoin('device_items', (join) =>
      join
        .onRef('device_items.device_id', '=', 'member.device_id')
        .onRef('device_items.deployment_id', '=', 'deployments.id'),
    )
    .innerJoin('device_reports', (join) =>
      join
        .onRef('device_reports.device_id', '=', 'member.device_id')
        .onRef('device_reports.observed_generation', '>=', 'member.offered_generation'),
    )
    .innerJoin('deployment_revisions as revision', (join) =>
      join
        .onRef('revision.deployment_id', '=', 'deployments.id')
        .onRef('revision.revision', '=', 'deployments.revision'),
    )
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.organisation_id', '=', 'deployments.organisation_id')
        .onRef('versions.name', '=', 'revision.name')
        .onRef('versions.version', '=', 'revision.version'),
    )
    .leftJoin('builds', 'builds.id', 'revision.build_id')
    .select(inventoryIfChosen)
    .leftJoin('device_retries', (join) =>
      join
        .onRef('device_retries.device_id', '=', 'member.device_id')
        .onRef('device_retries.deployment_id', '=', 'deployments.id'),
    )
    .selectAll('device_items')
    .select([
      'member.organisation_id',
      'member.rollout_id',
      'member.wave',
      'member.outcome',
      'member.retries',
      'member.retry_at_ms',
      'member.held_until_ms',
      'device_reports.reported_at_ms',
      'device_reports.last_seen_at_ms',
      'revision.revision',
      'revision.build_choices',
      'versions.version',
      'versions.digest',
      'builds.digest as build_digest',
      'device_retries.retry_token as wanted_retry_token',
    ])
  if ('deviceIds' in scope) return base.where('member.device_id', 'in', scope.deviceIds).execute()
  return base
    .where('member.rollout_id', '=', scope.rolloutId)
    .where('member.outcome', 'in', ['offered', 'timed-out'])
    .execute()
}

/** An inventory is long, and only choices depend on it. */
const inventoryIfChosen = sql<Json<Inventory> | null>`
  case when revision.build_choices is null then null else device_reports.inventory end`.as('inventory')

/**
 * The rows of devices that had to remove the model, and have reported since without it. A missing report proves
 * nothing: the report must be about a document without the deployment.
 */
async function removedRows(db: Db, scope: EvidenceScope) {
  const rows = db
    .selectFrom('rollout_members as member')
    .innerJoin('deployments', 'deployments.rollout_id', 'member.rollout_id')
    .innerJoin('device_reports', (join) =>
      join
        .onRef('device_reports.device_id', '=', 'member.device_id')
        .onRef('device_reports.observed_generation', '>=', 'member.offered_generation'),
    )
    .select(['member.device_id', 'member.organisation_id', 'member.rollout_id', 'member.wave', 'member.outcome'])
    .where('member.leaving', '=', 1)
    .where('member.outcome', 'in', ['offered', 'timed-out'])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('device_items')
            .select('device_items.device_id')
            .whereRef('device_items.device_id', '=', 'member.device_id')
            .whereRef('device_items.deployment_id', '=', 'deployments.id'),
        ),
      ),
    )
  if ('deviceIds' in scope) return rows.where('member.device_id', 'in', scope.deviceIds).execute()
  return rows.where('member.rollout_id', '=', scope.rolloutId).execute()
}

type RemovedRow = Awaited<ReturnType<typeof removedRows>>[number]

const removedEvent = ({ device_id: deviceId, wave, outcome }: RemovedRow): DeviceSaid => ({
  kind: 'report',
  deviceId,
  member: { wave, outcome },
  heard: 'healthy',
})
