import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RolloutId } from '@skerry/contract/ids'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { migrate, migrations } from '../migrator.ts'
import { openSqliteStore } from '../sqlite-store.ts'

/** A database as the program before left it. */
async function olderDatabase(): Promise<{ path: string; db: Kysely<unknown> }> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-evidence-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'hub.sqlite')
  const database = new DatabaseSync(path)
  const prepare = (text: string) => {
    const statement = database.prepare(text)
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) => statement.all(...(parameters as string[])),
      run: (parameters: readonly unknown[]) => statement.run(...(parameters as string[])),
      iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as string[])),
    }
  }
  const db = new Kysely<unknown>({
    dialect: new SqliteDialect({ database: { close: () => database.close(), prepare } }),
  })
  await migrate(db, 0, migrations.slice(0, 5))
  return { path, db }
}

const run = (db: Kysely<unknown>, text: string) => sql.raw(text).execute(db)

test('rows of rollouts take over what devices say, who rejected is counted, and records can be found by who and what', async () => {
  const { path, db } = await olderDatabase()
  await run(db, 'pragma foreign_keys = off')
  await run(db, `insert into organisations values ('org_aaaaaaaa', 'x', 0)`)
  await run(db, `insert into deployments values ('org_aaaaaaaa', 'dep_a', 'd', 2, null, 'rol_b', 0, 0)`)
  for (const [id, revision] of [
    ['rol_a', 1],
    ['rol_b', 2],
  ])
    await run(
      db,
      `insert into rollouts values ('org_aaaaaaaa', 'dep_a', '${id}', ${revision}, 'done', '{"waves":[{"counts":{"failed":1}}]}', '{}', 0, 0)`,
    )
  for (const id of ['rol_a', 'rol_b'])
    await run(
      db,
      `insert into rollout_members values ('org_aaaaaaaa', '${id}', 'dev_a', 0, 'failed', null, null, null, null)`,
    )
  const columns = 'device_id, organisation_id, model, deployment_id, target_revision, target_version, target_digest'
  await run(
    db,
    `insert into device_items (${columns}, retry_token, state, cause, since_ms)
     values ('dev_a', 'org_aaaaaaaa', 'm', 'dep_a', 2, 1, 'sha256:0', 0, 'failed', '{"code":"bad"}', 0)`,
  )
  // More than are read at once.
  await run(db, 'begin')
  for (let sequence = 1; sequence <= 1_001; sequence++)
    await run(
      db,
      `insert into audit_records values ('org_aaaaaaaa', ${sequence}, 0, '{"kind":"key","id":"key_a","name":"owner"}',
       'rollout.pause', 'rollout', 'rol_a', null, 'ok', '{}', '', '')`,
    )
  await run(db, 'commit')
  await db.destroy()
  const opened = await openSqliteStore(path, 0)
  if (!opened.ok) throw new Error(opened.message)
  await using store = opened.store
  const members = await store.db.selectFrom('rollout_members').selectAll().orderBy('rollout_id').execute()
  expect(members.map(({ state, cause, sequence }) => ({ state, cause, sequence }))).toEqual([
    { state: null, cause: null, sequence: 0 },
    { state: 'failed', cause: '{"code":"bad"}', sequence: 0 },
  ])
  const rollout = await store.db
    .selectFrom('rollouts')
    .select('state')
    .where('id', '=', 'rol_a' as RolloutId)
    .executeTakeFirst()
  expect(rollout?.state, 'who rejected it is counted').toBe('{"waves":[{"counts":{"rejected":0,"failed":1}}]}')
  const found = await store.db
    .selectFrom('audit_records')
    .select(['action_noun', 'actor_id', 'actor_name'])
    .distinct()
    .execute()
  expect(found).toEqual([{ action_noun: 'rollout', actor_id: 'key_a', actor_name: 'owner' }])
})
