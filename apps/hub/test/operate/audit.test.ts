import type { AuditRecord } from '@skerry/contract/audit/audit'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordSuppressed } from '../../src/background.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { openUnguarded } from '../stage/unguarded.ts'

let hub: TestHub
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())

type Page = { rows: AuditRecord[]; next?: string }

const list = async (query = '') => (await hub.ask<Page>('GET', `/v1/audit${query}`)).body

test('what was done, and what was refused, is there with who, what and where from', async () => {
  await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'edge', labels: { line: 'a' } } })
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'viewer', role: 'viewer' } })
  await hub.ask('PUT', '/v1/sites/rome', { key: body.secret, body: { kind: 'edge' } })
  await hub.ask('DELETE', '/v1/sites/nowhere')
  const { rows } = await list()
  expect(rows.map(({ action, result }) => `${action} ${result}`)).toEqual([
    'organisation.created ok',
    'site.apply ok',
    'key.create ok',
    'site.apply permission_denied',
    'site.remove site_unknown',
  ])
  expect(rows[1]).toMatchObject({
    actor: { kind: 'key', name: 'owner' },
    object: { kind: 'site', id: 'oslo' },
    source: '127.0.0.1',
    detail: { change: 'created', spec: { labels: { line: 'a' } } },
  })
  expect(rows[3]).toMatchObject({ actor: { name: 'viewer' }, object: { kind: 'site', id: 'rome' } })
  expect(JSON.stringify(rows)).not.toContain(body.secret)
})

test('it is read in pages, in both directions, and by action or object', async () => {
  const first = await list('?limit=2')
  expect(first.rows.map(({ sequence }) => sequence)).toEqual([1, 2])
  const second = await list(`?limit=2&after=${first.next}`)
  expect(second.rows.map(({ sequence }) => sequence)).toEqual([3, 4])
  const newest = await list('?limit=2&newestFirst=true')
  expect(newest.rows.map(({ sequence }) => sequence)).toEqual([5, 4])
  expect((await list(`?limit=2&newestFirst=true&after=${newest.next}`)).rows.map(({ sequence }) => sequence)).toEqual([
    3, 2,
  ])
  expect((await list('?action=site.apply')).rows).toHaveLength(2)
  expect((await list('?object=oslo')).rows).toHaveLength(1)
  expect((await hub.ask('GET', '/v1/audit?after=x')).body).toMatchObject({ code: 'input_invalid' })
})

test('a caller who is refused all the time fills no disk, and what was left out is counted', async () => {
  for (let count = 0; count < 70; count++) await hub.ask('DELETE', '/v1/sites/nowhere')
  const guess = `${hub.ownerKey.slice(0, -10)}AAAAAAAAAA`
  for (let count = 0; count < 5; count++) await hub.ask('GET', '/v1/me', { key: guess })
  const refused = (await list('?action=site.remove&limit=500')).rows
  expect(refused.length).toBeLessThanOrEqual(60)
  nowMs += 60_000
  await recordSuppressed(hub.hub, 'over')
  const [counted] = (await list('?action=refusals.counted')).rows
  expect(counted).toMatchObject({ actor: { name: 'owner' }, detail: { count: 70 + 1 + 1 - 60 + 5 - 1 } })
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
})

test('a record that somebody changed in the database is found', async () => {
  const database = openUnguarded(hub)
  database.exec(`update audit_records set detail = '{"change":"unchanged"}' where sequence = 2`)
  const changed = (await hub.ask('GET', '/v1/audit/verify')).body
  expect(changed).toMatchObject({
    intact: false,
    records: 1,
    broken: { sequence: 2, problem: expect.stringContaining('changed') },
  })
  database.exec('delete from audit_records where sequence = 2')
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: false, broken: { sequence: 2 } })
  database.close()
})
