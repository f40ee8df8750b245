import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrganisationId } from '@skerry/contract/values/ids'
import { EMPTY_CHAIN } from '@skerry/core/audit/audit-chain'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toJson } from '../store/json-column.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { type AuditFilter, auditQuery, listAudit } from './audit-store.ts'

/** A year of a busy hub: what would be noticed if a page walked the chain. */
const RECORDS = 100_000
const BEGAN_MS = 1_800_000_000_000
const STEP_MS = 300_000

const organisationId = OrganisationId.parse('org_aaaaaaaa')
let folder: string
let store: Store

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-audit-'))
  const opened = await openSqliteStore(join(folder, 'hub.sqlite'), BEGAN_MS)
  if (!opened.ok) throw new Error(opened.message)
  store = opened.store
  await store.transaction(async (tx) => {
    await tx.insertInto('organisations').values({ id: organisationId, name: 'x', created_at_ms: 0 }).execute()
    for (let first = 1; first <= RECORDS; first += 1_000)
      await tx
        .insertInto('audit_records')
        .values(Array.from({ length: 1_000 }, (_, index) => rowOf(first + index)))
        .execute()
  })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Most is done by one key to devices; a rollout is steered now and then, and little is refused. */
function rowOf(sequence: number) {
  const isRollout = sequence % 1_000 === 0
  const actor = { kind: 'key', id: `key_${sequence % 2_000 === 0 ? 'night' : 'day'}`, name: nameOf(sequence) } as const
  return {
    organisation_id: organisationId,
    sequence,
    at_ms: atMsOf(sequence),
    actor: toJson(actor),
    actor_id: actor.id,
    actor_name: actor.name,
    action: isRollout ? 'rollout.pause' : 'device.relabel',
    action_noun: isRollout ? 'rollout' : 'device',
    object_kind: 'device',
    object_id: `dev_${sequence % 5_000}`,
    source: null,
    result: sequence % 10_000 === 0 ? 'permission_denied' : 'ok',
    detail: toJson({}),
    previous_hash: EMPTY_CHAIN.hash,
    hash: EMPTY_CHAIN.hash,
  }
}

const nameOf = (sequence: number) => (sequence % 2_000 === 0 ? 'night-shift' : 'day-shift')
/** One record is from a clock that was set back. */
const atMsOf = (sequence: number) => BEGAN_MS + (sequence === 50_000 ? 0 : sequence) * STEP_MS

const day = (number: number) => BEGAN_MS + number * 86_400_000
const pageOf = (filter: AuditFilter) =>
  listAudit(store.db, { organisationId, limit: 500, newestFirst: true, ...filter })

/** How SQLite goes about it, and whether it sorts. */
async function planOf(filter: AuditFilter): Promise<string> {
  const { sql: text, parameters } = auditQuery(store.db, {
    organisationId,
    limit: 100,
    newestFirst: true,
    ...filter,
  }).compile()
  const values = [...parameters]
  const raw = sql.raw(`explain query plan ${text.replaceAll('?', () => `'${values.shift()}'`)}`)
  const { rows } = await sql<{ detail: string }>`${raw}`.execute(store.db)
  return rows.map(({ detail }) => detail).join('; ')
}

test.each([
  ['rollout.*', { action: 'rollout.*' }, 100],
  ['an action', { action: 'rollout.pause' }, 100],
  ['an object', { object: 'dev_7' }, 20],
  ['an actor by name', { actor: 'night-shift' }, 50],
  ['an actor by id', { actor: 'key_night' }, 50],
  ['what was refused', { result: 'refused' }, 10],
  ['one refusal', { result: 'permission_denied' }, 10],
  ['another refusal', { result: 'device_unknown' }, 0],
  ['a day', { fromMs: day(100), toMs: day(101) }, 288],
  ['a day of rollouts', { action: 'rollout.*', fromMs: day(100), toMs: day(110) }, 3],
  ['an actor, an action and a result', { actor: 'night-shift', action: 'rollout.pause', result: 'ok' }, 40],
] satisfies [string, AuditFilter, number][])('%s is found', async (_, filter, expected) => {
  expect(await pageOf(filter)).toHaveLength(expected)
})

test.each([
  ['audit_records_by_action_noun', { action: 'rollout.*' }],
  ['audit_records_by_action', { action: 'rollout.pause' }],
  ['audit_records_by_object_id', { object: 'dev_7' }],
  ['audit_records_by_actor_name', { actor: 'night-shift' }],
  ['audit_records_by_actor_id', { actor: 'key_night' }],
  ['audit_records_refused', { result: 'refused' }],
  ['audit_records_refused', { result: 'permission_denied' }],
  ['audit_records_by_time', { fromMs: day(100), toMs: day(101) }],
  ['audit_records_by_action_noun', { action: 'rollout.*', fromMs: day(100), toMs: day(110) }],
  ['sqlite_autoindex_audit_records_1', {}],
] satisfies [string, AuditFilter][])('%s is a range, in order, for %o', async (index, filter) => {
  const plan = await planOf(filter)
  expect(plan).toContain(`SEARCH audit_records USING INDEX ${index} (`)
  expect(plan).not.toContain('TEMP B-TREE')
})

test('a part of the trail comes by time, page by page without a gap, in both directions', async () => {
  for (const newestFirst of [true, false]) {
    const found: number[] = []
    let after: { atMs: number; sequence: number } | undefined
    do {
      const rows = await listAudit(store.db, { organisationId, limit: 7, newestFirst, action: 'rollout.*', after })
      found.push(...rows.map(({ sequence }) => sequence))
      after = rows.at(-1)
    } while (after)
    const all = Array.from({ length: 100 }, (_, index) => (index + 1) * 1_000)
    const byTime = all.toSorted((a, b) => atMsOf(a) - atMsOf(b))
    expect(found).toEqual(newestFirst ? byTime.toReversed() : byTime)
  }
})

test('the whole trail comes in the order of its chain, whatever the clock said', async () => {
  const rows = await listAudit(store.db, { organisationId, limit: 3, after: { atMs: 0, sequence: 49_998 } })
  expect(rows.map(({ sequence }) => sequence)).toEqual([49_999, 50_000, 50_001])
})
