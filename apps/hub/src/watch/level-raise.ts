/** Level raise: finds the nouns of an organisation that may have changed since the last look. */
import type { Levels } from '@skerry/contract/api/hub-procedures'
import type { BatchId, DeviceId, OptimisationId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import type { NounFacts } from '../nouns/noun.ts'
import type { Db } from '../store/store.ts'

/** The state of an organisation at the last look. */
export type RaisedLevel = {
  levels: Levels
  /** The number of silent devices; it changes with time alone. */
  silentCount: number
}

/**
 * The keys of the events since; their organisation is not known yet. `items`: those of the devices whose reported items
 * changed.
 */
export type Gathered = {
  devices: Set<string>
  items: Set<string>
  rollouts: Set<string>
  batches: Set<string>
  optimisations: Set<string>
}

/** The initial value, also after each look. */
export const nothingGathered = (): Gathered => ({
  devices: new Set(),
  items: new Set(),
  rollouts: new Set(),
  batches: new Set(),
  optimisations: new Set(),
})

/** More keys than this are not looked up one by one: then the levels rise for every organisation. */
const KEYS_MAX = 500

type Look = {
  organisationId: OrganisationId
  standing: RaisedLevel
  gathered: Gathered
  raises: NounFacts['raises']
  nowMs: number
}

/** The present levels of the organisation. Each number is as high as before or higher. */
export async function raiseLevels(
  db: Db,
  { organisationId, standing, gathered, raises, nowMs }: Look,
): Promise<RaisedLevel> {
  const { levels } = standing
  const { audit, actions } = await auditSince(db, organisationId, levels.audit)
  const silentCount = await countSilent(db, organisationId, nowMs)
  const risen = new Set(actions.flatMap((action) => raises[action.split('.')[0] ?? ''] ?? []))
  const hasDevices = await owns(db, 'devices', organisationId, [...gathered.devices] as DeviceId[])
  if (hasDevices || silentCount !== standing.silentCount) for (const noun of DEVICE_NOUNS) risen.add(noun)
  if (await owns(db, 'devices', organisationId, [...gathered.items] as DeviceId[]))
    for (const noun of ITEM_NOUNS) risen.add(noun)
  if (await owns(db, 'rollouts', organisationId, [...gathered.rollouts] as RolloutId[])) risen.add('rollouts')
  if (await owns(db, 'batches', organisationId, [...gathered.batches] as BatchId[])) risen.add('batches')
  if (await owns(db, 'optimisations', organisationId, [...gathered.optimisations] as OptimisationId[]))
    risen.add('models')
  const raised = { ...levels, audit }
  for (const noun of risen) raised[noun] += 1
  return { levels: raised, silentCount }
}

/** Sites show the health of their devices, so both rise together. */
const DEVICE_NOUNS = ['devices', 'sites'] as const

/** Deployments and rollouts show the versions that run by the reported items. */
const ITEM_NOUNS = ['deployments', 'rollouts'] as const

/** The initial state of an organisation. */
export async function standingOf(db: Db, organisationId: OrganisationId, nowMs: number): Promise<RaisedLevel> {
  const { audit } = await auditSince(db, organisationId, Number.MAX_SAFE_INTEGER)
  const levels = {
    devices: 1,
    sites: 1,
    rollouts: 1,
    batches: 1,
    deployments: 1,
    models: 1,
    tokens: 1,
    keys: 1,
    secrets: 1,
    audit,
  }
  return { levels, silentCount: await countSilent(db, organisationId, nowMs) }
}

async function auditSince(db: Db, organisationId: OrganisationId, sequence: number) {
  const records = db.selectFrom('audit_records').where('organisation_id', '=', organisationId)
  const newest = await records.select('sequence').orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  const actions = await records.select('action').distinct().where('sequence', '>', sequence).execute()
  return { audit: newest?.sequence ?? 0, actions: actions.map(({ action }) => action) }
}

async function countSilent(db: Db, organisationId: OrganisationId, nowMs: number): Promise<number> {
  const { count } = await db
    .selectFrom('device_reports')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('stale_at_ms', '<', nowMs)
    .executeTakeFirstOrThrow()
  return count
}

async function owns(
  db: Db,
  table: 'devices' | 'rollouts' | 'batches' | 'optimisations',
  organisationId: OrganisationId,
  ids: DeviceId[] | RolloutId[] | BatchId[] | OptimisationId[],
): Promise<boolean> {
  if (ids.length === 0 || ids.length > KEYS_MAX) return ids.length > 0
  const row = await db
    .selectFrom(table)
    .select('organisation_id')
    .where('organisation_id', '=', organisationId)
    .where('id', 'in', ids as string[] as never[])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
