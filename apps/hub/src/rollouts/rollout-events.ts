/**
 * Rollout events: the history of a rollout, newest first, composed from stored records. The audit trail has its
 * steering and the rollout's own decisions. The rows of its devices have the failures and their causes. The next
 * rollout has the time at which this one was superseded.
 */
import { MeasurementPhase } from '@skerry/contract/deployments/analysis'
import { OutcomeCounts, type RolloutHappening } from '@skerry/contract/rollouts/rollout'
import type { DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import { FAILURE_KINDS } from '@skerry/core/rollouts/wave-verdict'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { deviceOf, members } from './member-store.ts'

/** A place in the list. Events of one millisecond are sorted by a key that begins with the source's letter. */
export type EventPlace = { atMs: number; key: string }
export type PlacedEvent = EventPlace & { event: RolloutHappening }

type Scope = { organisationId: OrganisationId; rolloutId: RolloutId }
export type EventQuery = Scope & { limit: number; before?: EventPlace | undefined }

/** The text form, as `next` of a page has it. */
export const placeText = ({ atMs, key }: EventPlace): string => `${atMs}.${key}`

/** Undefined if the text is no place. */
export function placeOf(text: string): EventPlace | undefined {
  const [, atMs, key] = /^([0-9]{1,15})\.([a-z][a-z0-9_]{0,63})$/.exec(text) ?? []
  return atMs === undefined || key === undefined ? undefined : { atMs: Number(atMs), key }
}

/** One page. Each source returns no more than the page can hold. */
export async function listEvents(db: Db, query: EventQuery): Promise<PlacedEvent[]> {
  const { before = LAST, limit } = query
  const found = await Promise.all([
    decisions(db, { ...query, before }),
    failedDevices(db, { ...query, before }),
    ends(db, query),
  ])
  return found
    .flat()
    .filter((placed) => compare(placed, before) < 0)
    .sort((a, b) => compare(b, a))
    .slice(0, limit)
}

const LAST: EventPlace = { atMs: Number.MAX_SAFE_INTEGER, key: '' }

function compare(a: EventPlace, b: EventPlace): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs
  if (a.key === b.key) return 0
  return a.key < b.key ? -1 : 1
}

type Source = EventQuery & { before: EventPlace }

/** 15 digits, so that keys sort in the order of their numbers. */
const decisionKey = (sequence: number) => `d${String(sequence).padStart(15, '0')}`

async function decisions(db: Db, { organisationId, rolloutId, limit, before }: Source): Promise<PlacedEvent[]> {
  const rows = await db
    .selectFrom('audit_records')
    .select(['sequence', 'at_ms', 'action', 'actor', 'detail'])
    .where('organisation_id', '=', organisationId)
    .where('object_id', '=', rolloutId)
    .where('result', '=', 'ok')
    .where('at_ms', '<=', before.atMs)
    .$if(before.key.startsWith('d'), (select) =>
      select.where((eb) => eb.or([eb('at_ms', '<', before.atMs), eb('sequence', '<', Number(before.key.slice(1)))])),
    )
    .orderBy('at_ms', 'desc')
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => {
    const { reason, wave, counts, analysis, verdict, isPlanned } = fromJson(row.detail)
    const event: RolloutHappening = {
      kind: 'decided',
      atMs: row.at_ms,
      sequence: row.sequence,
      action: row.action,
      actor: fromJson(row.actor),
      ...(typeof reason === 'string' && { reason }),
      ...(typeof wave === 'string' && { wave }),
      ...(isPlanned === true && { isPlanned }),
      ...(counts !== undefined && { counts: OutcomeCounts.parse(counts) }),
      ...(typeof analysis === 'string' && { analysis, verdict: MeasurementPhase.parse(verdict) }),
    }
    return { atMs: row.at_ms, key: decisionKey(row.sequence), event }
  })
}

async function failedDevices(db: Db, { before, limit, ...scope }: Source): Promise<PlacedEvent[]> {
  const rows = await members(db, scope)
    .where('rollout_members.outcome', 'in', [...FAILURE_KINDS, 'tolerated'])
    .where('rollout_members.decided_at_ms', '<=', before.atMs)
    .$if(before.key.startsWith('e'), (select) =>
      select.where((eb) =>
        eb.or([
          eb('rollout_members.decided_at_ms', '<', before.atMs),
          eb('rollout_members.device_id', '<', before.key.slice(1) as DeviceId),
        ]),
      ),
    )
    .orderBy('rollout_members.decided_at_ms', 'desc')
    .orderBy('rollout_members.device_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => {
    const atMs = row.decided_at_ms ?? 0
    return { atMs, key: `e${row.device_id}`, event: { kind: 'device', atMs, device: deviceOf(row) } }
  })
}

/** Its beginning, and that of the next revision. */
async function ends(db: Db, { organisationId, rolloutId }: Scope): Promise<PlacedEvent[]> {
  const rollout = await db
    .selectFrom('rollouts')
    .innerJoin('deployments', 'deployments.id', 'rollouts.deployment_id')
    .select(['rollouts.deployment_id', 'rollouts.revision', 'rollouts.created_at_ms', 'rollouts.status'])
    .select('deployments.name')
    .where('rollouts.organisation_id', '=', organisationId)
    .where('rollouts.id', '=', rolloutId)
    .executeTakeFirstOrThrow()
  const { created_at_ms: beganAtMs, revision } = rollout
  const actor = await whoApplied(db, { organisationId, deployment: rollout.name, revision, beganAtMs })
  const began: PlacedEvent = {
    atMs: beganAtMs,
    key: 'a',
    event: { kind: 'began', atMs: beganAtMs, ...(actor && { actor }) },
  }
  const next =
    rollout.status === 'superseded' &&
    (await db
      .selectFrom('rollouts')
      .select(['id', 'revision', 'created_at_ms'])
      .where('deployment_id', '=', rollout.deployment_id)
      .where('revision', '>', revision)
      .orderBy('revision')
      .limit(1)
      .executeTakeFirst())
  if (!next) return [began]
  const atMs = next.created_at_ms
  return [began, { atMs, key: 'f', event: { kind: 'superseded', atMs, revision: next.revision, rolloutId: next.id } }]
}

type Applied = { organisationId: OrganisationId; deployment: string; revision: number; beganAtMs: number }

/**
 * A deployment is applied in the transaction that begins its rollout. If a name was removed and used again, the time
 * selects the right one.
 */
async function whoApplied(db: Db, { organisationId, deployment, revision, beganAtMs }: Applied) {
  const rows = await db
    .selectFrom('audit_records')
    .select(['actor', 'detail', 'at_ms'])
    .where('organisation_id', '=', organisationId)
    .where('object_id', '=', deployment)
    .where('action', 'in', ['deployment.apply', 'deployment.rollback'])
    .where('result', '=', 'ok')
    .where('at_ms', '>=', beganAtMs - APPLY_MAX_MS)
    .where('at_ms', '<=', beganAtMs + APPLY_MAX_MS)
    .execute()
  const found = rows.find(({ detail }) => fromJson(detail).revision === revision)
  return found && fromJson(found.actor)
}

/** A plan for 100,000 devices takes seconds; a minute is longer than any caller waits. */
const APPLY_MAX_MS = 60_000
