/** Who changes the trail in the database is refused by it; who drops its guards first is found, and so is the place. On both databases. */
import { OrganisationId } from '@skerry/contract/values/ids'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { systemClock } from '@skerry/platform/process/clock'
import { signCheckpoint } from '@skerry/platform/signatures/audit-signature'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasPostgres, newDatabase, startPostgres } from '@skerry/testkit/postgres-cluster'
import { PostgresAdapter, sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { openPostgresStore } from '../store/postgres-store.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store, Tx } from '../store/store.ts'
import { appendAudit, endOfTrail } from './audit-store.ts'
import { insertCheckpoint } from './checkpoint-store.ts'
import { walkTrail } from './trail-walk.ts'

const organisationId = OrganisationId.parse('org_aaaaaaaa')
const auditKey = generateKeyPair()

type Engine = { name: string; isThere: boolean; open(): Promise<Store> }
const engines: Engine[] = [
  {
    name: 'sqlite',
    isThere: true,
    open: async () => storeOf(await openSqliteStore(':memory:', 0)),
  },
  {
    name: 'postgresql',
    isThere: hasPostgres,
    async open() {
      const cluster = await startPostgres()
      const store = storeOf(
        await openPostgresStore({ url: await newDatabase(cluster.url), nowMs: 0, log: { warn() {} } }),
      )
      const close = async () => {
        await store[Symbol.asyncDispose]()
        await cluster[Symbol.asyncDispose]()
      }
      return { ...store, [Symbol.asyncDispose]: close }
    },
  },
]

function storeOf(opened: { ok: true; store: Store } | { ok: false; message: string }): Store {
  if (!opened.ok) throw new Error(opened.message)
  return opened.store
}

/** Twelve records; signed at the fourth, the eighth and the last. */
async function fill(tx: Tx, startMs = 0): Promise<void> {
  await tx.insertInto('organisations').values({ id: organisationId, name: 'x', created_at_ms: 0 }).execute()
  const { publicKeyPem } = auditKey
  const row = { key_id: signingKeyId(publicKeyPem), public_key_pem: publicKeyPem, created_at_ms: 0 }
  await tx.insertInto('audit_keys').values(row).execute()
  for (let atMs = 1; atMs <= 12; atMs++) {
    await appendAudit(tx, {
      organisationId,
      atMs: startMs + atMs,
      actor: { kind: 'key', id: 'key_a', name: 'a' },
      action: 'site.apply',
      object: { kind: 'site', id: `site-${atMs}` },
      result: 'ok',
      detail: {},
    })
    if (atMs % 4 > 0) continue
    await insertCheckpoint(
      tx,
      signCheckpoint({ organisationId, ...(await endOfTrail(tx, organisationId)), atMs }, auditKey),
    )
  }
}

const attempts = [
  `update audit_records set result = 'ok' where sequence = 5`,
  `update audit_records set hash = hash`,
  `delete from audit_records where sequence = 12`,
  `delete from audit_records`,
  `update audit_checkpoints set at_ms = 1`,
  `delete from audit_checkpoints where sequence = 12`,
  `update audit_keys set public_key_pem = 'x'`,
  `delete from audit_keys`,
  `insert into audit_keys select * from audit_keys where true on conflict (key_id) do update set public_key_pem = 'x'`,
  `delete from audit_records where sequence = 1`,
]

/** [SQLite, lang_conflict] REPLACE removes rows without asking the triggers of deletion. */
const replacements = [
  `replace into audit_records select organisation_id, sequence, at_ms, actor, action, object_kind, object_id, source, 'forged', detail, previous_hash, hash, actor_id, actor_name, action_noun from audit_records where sequence = 5`,
  `replace into audit_keys select key_id, 'x', created_at_ms from audit_keys`,
]
const isSqlite = (name: string) => name === 'sqlite'

const DAY_MS = 86_400_000
const archive = (
  first: number,
  through: number,
  hash = `(select hash from audit_records where sequence = ${through})`,
) => `insert into audit_archives values ('${organisationId}', ${first}, ${through}, ${hash}, 'sha256:x', 0, 'k', 's')`

async function dropGuards(tx: Tx): Promise<void> {
  const isPostgres = tx.getExecutor().adapter instanceof PostgresAdapter
  if (isPostgres) await sql.raw('drop trigger audit_records_removal on audit_records').execute(tx)
  else await sql.raw('drop trigger audit_records_no_replace').execute(tx)
  for (const table of ['audit_records', 'audit_checkpoints', 'audit_keys']) {
    const drops = isPostgres
      ? [`drop trigger ${table}_guard on ${table}`]
      : [`drop trigger ${table}_no_update`, `drop trigger ${table}_no_delete`]
    for (const text of drops) await sql.raw(text).execute(tx)
  }
}

const columns =
  'organisation_id, at_ms, actor, actor_id, actor_name, action, action_noun, object_kind, object_id, source, result, detail, previous_hash, hash'
const move = (from: number, to: number) => `update audit_records set sequence = ${to} where sequence = ${from}`

/** What is done, how it is done, and the record that is named. */
const tamperings: [string, string[], number][] = [
  ['an edit', [`update audit_records set object_id = 'other' where sequence = 5`], 5],
  ['an edit with a hash of another record', [`update audit_records set hash = previous_hash where sequence = 5`], 5],
  ['a deletion', ['delete from audit_records where sequence = 6'], 6],
  [
    'a deletion, the others moved up',
    ['delete from audit_records where sequence = 6', ...[7, 8, 9, 10, 11, 12].map((n) => move(n, n - 1))],
    6,
  ],
  [
    'an insertion',
    [
      ...[12, 11, 10, 9, 8, 7].map((n) => move(n, n + 1)),
      `insert into audit_records (sequence, ${columns}) select 7, ${columns} from audit_records where sequence = 6`,
    ],
    7,
  ],
  ['another order', [move(6, 99), move(7, 6), move(99, 7)], 6],
  ['the end cut off', ['delete from audit_records where sequence > 9'], 10],
  ['the beginning cut off', ['delete from audit_records where sequence < 5'], 1],
  ['all of it gone', ['delete from audit_records'], 1],
  ['a checkpoint edited', [`update audit_checkpoints set at_ms = 77 where sequence = 8`], 8],
  ['a checkpoint moved', ['update audit_checkpoints set sequence = 9 where sequence = 8'], 9],
]

/** Done in a transaction that is never kept, so that each begins with a whole trail. */
async function inVain<T>(store: Store, work: (tx: Tx) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined
  const undone = new Error('undone')
  await store
    .transaction(async (tx) => {
      result = { value: await work(tx) }
      throw undone
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error
    })
  if (!result) throw undone
  return result.value
}

describe.each(engines)('$name', ({ name, open, isThere }) => {
  test('the database refuses every change, and what is done without its guards is found and located', async ({
    skip,
  }) => {
    skip(!isThere, 'PostgreSQL is not installed')
    await using store = await open()
    await store.transaction((tx) => fill(tx))
    const walk = (tx: Tx) =>
      walkTrail(
        { store: { ...store, db: tx }, clock: systemClock },
        { organisationId },
        AbortSignal.timeout(PATIENCE_MS),
      )
    expect(await inVain(store, walk)).toMatchObject({ ok: true, trail: { end: { sequence: 12 }, provenThrough: 12 } })
    for (const text of attempts) {
      const attempt = store.transaction((tx) => sql.raw(text).execute(tx))
      await expect(attempt, text).rejects.toThrow('the audit trail is never changed')
    }
    expect(await inVain(store, walk)).toMatchObject({ ok: true, trail: { end: { sequence: 12 } } })
    for (const [what, texts, sequence] of tamperings) {
      const found = await inVain(store, async (tx) => {
        await dropGuards(tx)
        for (const text of texts) await sql.raw(text).execute(tx)
        return walk(tx)
      })
      expect({ what, ...found }).toMatchObject({ what, ok: false, sequence })
    }
  })

  test('what an archive names goes, and nothing else: no archive is made up, none is younger than six months', async ({
    skip,
  }) => {
    skip(!isThere, 'PostgreSQL is not installed')
    await using store = await open()
    await store.transaction((tx) => fill(tx))
    const run = (text: string) => store.transaction((tx) => sql.raw(text).execute(tx))
    const refused = (text: string) => expect(run(text), text).rejects.toThrow('the audit trail is never changed')
    for (const text of isSqlite(name) ? replacements : []) await refused(text)
    await refused(archive(1, 3))
    await refused(archive(2, 4))
    await refused(archive(1, 4, `'sha256:other'`))
    await refused(archive(1, 13, `'sha256:other'`))
    await refused(archive(5, 4))
    await run(archive(1, 4))
    await refused(archive(1, 8))
    await refused(archive(5, 4))
    await refused('delete from audit_records where sequence = 5')
    await refused('delete from audit_records')
    await refused('update audit_archives set sequence = 12')
    await refused('delete from audit_archives')
    await run('delete from audit_records where sequence <= 2')
    await run('delete from audit_records where sequence <= 4')
    await refused('delete from audit_records where sequence = 5')
    await run(archive(5, 12))
    await refused('delete from audit_records where sequence = 12')
    await run('delete from audit_records where sequence < 12')
    const rows = await store.transaction((tx) => tx.selectFrom('audit_records').select('sequence').execute())
    expect(rows).toEqual([{ sequence: 12 }])
  })

  test('six months are counted by the clock of the database', async ({ skip }) => {
    skip(!isThere, 'PostgreSQL is not installed')
    await using store = await open()
    await store.transaction((tx) => fill(tx, Date.now() - 183 * DAY_MS))
    const made = store.transaction((tx) => sql.raw(archive(1, 4)).execute(tx))
    await expect(made).rejects.toThrow('the audit trail is never changed')
  })
})
