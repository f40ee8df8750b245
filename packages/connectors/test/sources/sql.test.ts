/** SQL against PostgreSQL: tables that are looked at, tables that grow, queries that would write, and a server that dies and freezes. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqlSource } from '@skerry/contract/sources/source'
import { hasPostgres, newDatabase, type PostgresCluster, sqlOn, startPostgres } from '@skerry/testkit/postgres-cluster'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage, type Stage } from '../stage/stage.ts'

describe.skipIf(!hasPostgres)('sql', () => {
  let cluster: PostgresCluster
  let url = ''
  let folder = ''
  beforeAll(async () => {
    cluster = await startPostgres()
    url = await newDatabase(cluster.url)
    folder = await mkdtemp(join(tmpdir(), 'skerry-sql-'))
    await sqlOn(url, `create table level (place text, value real, note text, at timestamptz, big bigint, fine boolean)`)
    await sqlOn(
      url,
      `insert into level values ('north', 3.25, null, '2026-11-27 10:00:00.25+02', 9007199254740993, true)`,
    )
    await sqlOn(url, `insert into level values ('south', 7, 'full', '2026-11-27 10:00:01+00', 1, false)`)
    await sqlOn(url, `create table event (id bigserial primary key, value real)`)
  })
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const sourceOf = (group: object, connection: object = {}) => {
    const { port, pathname, username } = new URL(url)
    return SqlSource.parse({
      name: 'mes',
      protocol: 'sql',
      connection: {
        host: '127.0.0.1',
        port: Number(port),
        database: pathname.slice(1),
        user: username,
        timeoutMs: 1_000,
        password: { secret: 'password' },
        ...connection,
      },
      groups: [{ name: 'all', everyMs: 30, ...group }],
    })
  }
  const stageOf = (group: object, connection: object = {}, state = 'state') =>
    openStage(sourceOf(group, connection), {
      secrets: { password: new URL(url).password, wrong: 'wrong' },
      stateFolder: join(folder, state),
    })
  const QUERY = 'select * from level order by place'
  const valuesOf = (stage: Stage, tag: string) =>
    stage.told.filter((one) => one.tag === tag).map((one) => (one.quality === 'bad' ? one.cause.code : one.value))

  test('it says what its queries give, which tables there are, and each column leads to a tag that reads it', async () => {
    await sqlOn(url, `create schema "Line 1"; create table "Line 1"."a.""b" ("Speed" numeric(6, 2), "user" text)`)
    await sqlOn(url, `insert into "Line 1"."a.""b" values (4.5, 'me')`)
    const patient = { timeoutMs: 60_000 }
    await using stage = stageOf({ query: QUERY, tags: [{ name: 'any', address: 'value' }] }, patient)
    const look = async (path: string) => {
      const answer = await stage.host.browse(path)
      return answer.ok ? answer.entries : expect.unreachable(answer.message)
    }
    await stage.until(() => stage.count('any') > 0)
    expect((await look('')).map(({ path }) => path)).toEqual(['query all', '"Line 1"', 'public'])
    expect((await look('public')).map(({ path }) => path)).toEqual(['public.event', 'public.level'])
    expect((await look('query all')).map(({ label }) => label)).toEqual([
      'place: text',
      'value: real',
      'note: text',
      'at: timestamp with time zone',
      'big: bigint',
      'fine: boolean',
    ])
    const [table] = await look('"Line 1"')
    const [query, ...columns] = await look(table?.path ?? '')
    expect(columns.map(({ label }) => label)).toEqual(['Speed: numeric(6,2)', 'user: text'])
    const tags = columns.map(({ tag }, index) => ({ name: `tag-${index}`, ...tag }))
    await using found = stageOf({ query: query?.label.replace('query: ', ''), tags }, patient)
    await found.until(() => found.count('tag-1') > 0)
    expect([found.newest('tag-0'), found.newest('tag-1')]).toMatchObject([{ value: 4.5 }, { value: 'me' }])
    for (const nothing of [
      'no',
      'public.no',
      'public.level.value',
      'a b',
      '"',
      'query no',
      "public'; drop table event",
    ])
      expect(await look(nothing)).toEqual([])
  })

  test('columns of the first row, or of the row that has given values, with their own time', async () => {
    const tags = [
      { name: 'north', address: 'value', scale: 10 },
      { name: 'south', address: 'value', row: { place: 'south' } },
      { name: 'note', address: 'note', row: { place: 'south', fine: false } },
      { name: 'none', address: 'note' },
      { name: 'big', address: 'big' },
      { name: 'fine', address: 'fine' },
      { name: 'nowhere', address: 'value', row: { place: 'west' } },
      { name: 'wrong', address: 'nothing' },
    ]
    await using stage = stageOf({ query: QUERY, time: 'at', tags })
    await stage.until(() => stage.newest('wrong') !== undefined)
    expect(stage.newest('north')).toMatchObject({ value: 32.5, sourceTimeMs: Date.UTC(2026, 10, 27, 8, 0, 0, 250) })
    expect(stage.newest('south')).toMatchObject({ value: 7, sourceTimeMs: Date.UTC(2026, 10, 27, 10, 0, 1) })
    expect([stage.newest('note'), stage.newest('fine')]).toMatchObject([{ value: 'full' }, { value: true }])
    expect(stage.newest('big')).toMatchObject({ quality: 'uncertain', cause: { code: 'value_inexact' } })
    const codes = ['none', 'nowhere', 'wrong'].map((tag) => valuesOf(stage, tag).at(-1))
    expect(codes).toEqual(['value_null', 'row_missing', 'address_unknown'])
  })

  test('of a table that grows each row is told once, in its order, over restarts, however many come', async () => {
    const group = {
      query: 'select id, value from event where id > $1 order by id',
      grows: { column: 'id', from: '0' },
      tags: [{ name: 'event', address: 'value' }],
    }
    const numbers = Array.from({ length: 500 }, (_, index) => index)
    await sqlOn(url, 'insert into event (value) select generate_series(0, 249)')
    {
      await using stage = stageOf(group, { rowsMax: 100 }, 'grows')
      await stage.until(() => stage.count('event') === 250)
      expect(valuesOf(stage, 'event')).toEqual(numbers.slice(0, 250))
    }
    await sqlOn(url, 'insert into event (value) select generate_series(250, 499)')
    await using stage = stageOf(group, { rowsMax: 100 }, 'grows')
    await stage.until(() => stage.count('event') === 250)
    expect(valuesOf(stage, 'event')).toEqual(numbers.slice(250))
    expect(stage.host.figures().lost).toBe(0)
  })

  test.each<[string, string, string]>([
    ['a statement that writes', 'update level set value = 0 returning value', 'query_failed'],
    ['a query that writes within', 'with gone as (delete from level returning *) select * from gone', 'query_failed'],
    ['several statements', 'select 1 as value; commit; drop table level', 'query_failed'],
    ['a mistake', 'select nothing from nowhere', 'query_failed'],
    ['a query that takes too long', 'select 1 as value, pg_sleep(30)', 'query_slow'],
  ])('%s is not done, and told', async (_, query, code) => {
    await using stage = stageOf({ query, tags: [{ name: 'value', address: 'value' }] })
    await stage.until(() => stage.count('value') > 1)
    expect(stage.newest('value')).toMatchObject({ quality: 'bad', cause: { code } })
    expect(stage.states.map(({ kind }) => kind)).toEqual(['connecting', 'up'])
    expect(await sqlOn(url, 'select count(*), min(value) from level')).toEqual(['2|3.25'])
  })

  test.each<[string, object, string]>([
    ['a wrong password', { password: { secret: 'wrong' } }, 'source_refused'],
    ['an unknown database', { database: 'nothing' }, 'source_refused'],
    ['a server that has no TLS where it is asked for', { tls: 'verify' }, 'source_unreachable'],
  ])('%s is told', async (_, connection, code) => {
    await using stage = stageOf({ query: QUERY, tags: [{ name: 'value', address: 'value' }] }, connection)
    await stage.until(() => stage.newest('value') !== undefined)
    expect(stage.newest('value')).toMatchObject({ quality: 'bad', cause: { code } })
  })

  test('a server that dies is told, and back soon after it is there again', async () => {
    await using stage = stageOf({ query: QUERY, tags: [{ name: 'value', address: 'value' }] })
    await stage.until(() => stage.newest('value')?.quality === 'good')
    await cluster.stop('immediate')
    await stage.until(() => stage.newest('value')?.quality === 'bad')
    expect(stage.newest('value')).toMatchObject({ cause: { code: expect.stringMatching(/^source_/) } })
    await cluster.start()
    await stage.until(() => stage.newest('value')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test(
    'a server that stands still is told, and back when it goes on',
    deep('a second fault; the server that dies shows the return'),
    async () => {
      await using stage = stageOf({ query: QUERY, tags: [{ name: 'value', address: 'value' }] })
      await stage.until(() => stage.newest('value')?.quality === 'good')
      await cluster.freeze()
      await stage.until(() => stage.newest('value')?.quality === 'bad')
      expect(stage.newest('value')).toMatchObject({ cause: { code: expect.stringMatching(/^source_/) } })
      await cluster.thaw()
      await stage.until(() => stage.newest('value')?.quality === 'good')
      expect(stage.host.figures().crashes).toBe(0)
    },
  )

  test(
    'a server whose words the library throws at, where nobody can catch it, ends connections and never the source',
    deep('a library that throws is shown by source-host.test.ts'),
    async () => {
      // [PostgreSQL, 53.7] An answer to the first message, of a kind that there is not.
      const nonsense = createServer((socket) => {
        socket
          .on('error', () => undefined)
          .once('data', () => socket.write(Buffer.from('R\0\0\0\x08\0\xff\xff\xff', 'latin1')))
      }).listen(0, '127.0.0.1')
      await once(nonsense, 'listening')
      const { port } = nonsense.address() as AddressInfo
      await using stage = stageOf({ query: QUERY, tags: [{ name: 'value', address: 'value' }] }, { port })
      await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length >= 3)
      expect(stage.newest('value')).toMatchObject({
        cause: { code: 'source_lost', message: expect.stringContaining('authenticationOk') },
      })
      expect(stage.host.figures().crashes).toBe(0)
      nonsense.close()
    },
  )
})
