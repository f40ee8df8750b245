/** Checkpoints of the audit trail: signed by the leader, never over a trail that does not hold. */
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import { CHECKPOINT_INTERVAL_MS } from '@skerry/core/audit/checkpoint-pace'
import { systemClock } from '@skerry/platform/process/clock'
import { checkpointVerifier } from '@skerry/platform/signatures/audit-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweepCheckpoints } from '../../src/audit/checkpoints.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { openUnguarded } from '../stage/unguarded.ts'

let hub: TestHub
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())

type Page = { rows: AuditCheckpoint[]; next?: string }
type Verdict = {
  intact: boolean
  records: number
  provenThrough: number
  broken?: { sequence: number; problem: string }
}

const checkpoints = async (query = '') => (await hub.ask<Page>('GET', `/v1/audit/checkpoints${query}`)).body
const verify = async () => (await hub.ask<Verdict>('GET', '/v1/audit/verify')).body
const sign = () => hub.ask<AuditCheckpoint>('POST', '/v1/audit/checkpoints', { body: {} })
const record = () => hub.ask('DELETE', '/v1/sites/nowhere')

test('the leader signs what has waited long enough, and nothing twice', async () => {
  await sweepCheckpoints(hub.hub)
  await record()
  await sweepCheckpoints(hub.hub)
  expect((await checkpoints()).rows.map(({ sequence }) => sequence)).toEqual([1])
  nowMs += CHECKPOINT_INTERVAL_MS
  await sweepCheckpoints(hub.hub)
  await sweepCheckpoints(hub.hub)
  expect((await checkpoints()).rows.map(({ sequence }) => sequence)).toEqual([1, 2])
  expect(await verify()).toMatchObject({ intact: true, records: 2, provenThrough: 2 })
})

test('whoever may, has one signed at once, whose last record says so; the key that anybody can fetch verifies it', async () => {
  const { status, body } = await sign()
  expect({ status, body }).toMatchObject({ status: 200, body: { sequence: 3, atMs: nowMs } })
  const { keys } = (await hub.ask<{ keys: { publicKeyPem: string }[] }>('GET', '/v1/audit/keys')).body
  expect(checkpointVerifier(keys.map(({ publicKeyPem }) => publicKeyPem))(body)).toBeUndefined()
  expect(JSON.stringify(keys)).not.toContain('PRIVATE')
  const trail = (await hub.ask<{ rows: { action: string }[] }>('GET', '/v1/audit?fromSequence=3')).body.rows
  expect(trail.map(({ action }) => action)).toEqual(['audit.sign'])
  const { secret } = (
    await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'viewer', role: 'viewer' } })
  ).body
  expect(await hub.ask('POST', '/v1/audit/checkpoints', { key: secret, body: {} })).toMatchObject({ status: 403 })
})

test('they are listed in pages, in both directions', async () => {
  const first = await checkpoints('?limit=2')
  expect(first.rows.map(({ sequence }) => sequence)).toEqual([1, 2])
  expect((await checkpoints(`?limit=2&after=${first.next}`)).rows.map(({ sequence }) => sequence)).toEqual([3])
  expect((await checkpoints('?limit=1&newestFirst=true')).rows).toMatchObject([{ sequence: 3 }])
  expect((await checkpoints('?after=x')) as object).toMatchObject({ code: 'input_invalid' })
})

test('a trail that was cut off, changed or written anew behind the back of the hub is not signed, and is told of', async () => {
  await record()
  const before = (await checkpoints('?limit=500')).rows.length
  using database = openUnguarded(hub)
  const end = Number(database.prepare('select max(sequence) as end from audit_records').get()?.end)
  database.exec(`update audit_records set result = 'ok' where sequence = ${end}`)
  expect(await sign()).toMatchObject({
    status: 409,
    body: { code: 'audit_damaged', message: expect.stringContaining(`record ${end}`) },
  })
  nowMs += CHECKPOINT_INTERVAL_MS
  await sweepCheckpoints(hub.hub)
  expect((await checkpoints('?limit=500')).rows).toHaveLength(before)
  expect(await verify()).toMatchObject({ intact: false, broken: { sequence: end } })
  expect((await hub.ask('GET', '/metrics')).text).toContain('skerry_audit_damaged_total 1')
  database.exec('delete from audit_records where sequence >= 3')
  expect(await verify()).toMatchObject({
    intact: false,
    broken: { sequence: 3, problem: expect.stringContaining('signed') },
  })
})
