/** Disabling, enabling and removing an organisation: the default one, with one of everything in it. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectBlobs } from '../../src/blobs/blob-collection.ts'
import { detectIntrusions } from '../../src/intrusion/detection.ts'
import { purgeOrganisations } from '../../src/organisations/purge.ts'
import { makeThings } from '../stage/made-things.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { asBrowser, joinPerson, newPerson, signIn } from '../stage/person.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import {
  askToJoin,
  joinDevice,
  makeApplicant,
  makeToken,
  openLink,
  reportOf,
  type TestDevice,
} from '../stage/test-device.ts'

let hub: TestHub
let device: TestDevice
let cookie: string
let joinSecret: string
let strangerKey: string
let nowMs = Date.now()

beforeAll(async () => {
  const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() }
  const { systemClock } = await import('@skerry/platform/process/clock')
  hub = await startTestHub({ hasOperator: true, clock: { ...systemClock, ...clock } })
  strangerKey = await otherOrganisation(hub, 'stranger')
  const { body } = await hub.ask<{ key: { id: string } }>('POST', '/v1/keys', { body: { name: 'x', role: 'viewer' } })
  await makeThings(hub, body.key.id)
  device = await joinDevice(hub, { site: 'oslo' })
  joinSecret = (await makeToken(hub, { site: 'oslo' })).secret
  cookie = await newPerson(hub, 'mona@example.com', 'owner')
})
afterAll(() => hub[Symbol.asyncDispose]())

type Refusal = { code?: string; message?: string; [more: string]: unknown }

const asOperator = (verb: string, body: object = {}, organisation = 'default') =>
  hub.ask<Refusal>('POST', `/v1/organisations/${organisation}/${verb}`, {
    key: hub.operatorKey,
    body: { reason: 'a test', ...body },
  })

const codeOf = async (answer: Promise<{ status: number; body: Refusal }>) => {
  const { status, body } = await answer
  return status === 200 ? 'ok' : body.code
}

test('every table that belongs to an organisation is purged, or stays for a reason', async () => {
  const tables = await hub.hub.store.db.introspection.getTables()
  const owned = tables.filter(({ columns }) => columns.some(({ name }) => name === 'organisation_id'))
  const known = [...hub.hub.nouns.purge.map(([table]) => table), ...hub.hub.nouns.kept]
  expect(owned.map(({ name }) => name).toSorted()).toEqual(known.toSorted())
})

test('only a disabled organisation is enabled or removed', async () => {
  expect(await codeOf(asOperator('enable'))).toBe('organisation_status_refused')
  expect(await codeOf(asOperator('remove', { confirm: 'default' }))).toBe('organisation_status_refused')
  expect(await codeOf(asOperator('disable', {}, 'operators'))).toBe('organisation_unknown')
})

test('disabling ends sessions, refuses keys, and closes the links of devices at once; others notice nothing', async () => {
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const mona = asBrowser(hub, cookie)
  expect(await codeOf(mona('GET', '/v1/me'))).toBe('ok')
  expect(await codeOf(hub.ask<Refusal>('GET', '/v1/me'))).toBe('ok')

  expect((await asOperator('disable')).body).toMatchObject({ status: 'disabled', disabled: { reason: 'a test' } })
  expect(await link.closed).toMatchObject({ code: 4403, reason: 'organisation_disabled' })

  expect(await codeOf(hub.ask<Refusal>('GET', '/v1/me'))).toBe('organisation_disabled')
  expect(await codeOf(mona('GET', '/v1/me'))).toBe('session_ended')
  expect(await codeOf(signIn(hub, 'mona@example.com'))).toBe('organisation_disabled')
  await expect(openLink(hub, device)).rejects.toThrow('organisation_disabled')
  const joining = await askToJoin(hub, joinSecret, await makeApplicant())
  expect(joining.body).toMatchObject({ code: 'organisation_disabled' })
  const session = asBrowser(hub)('POST', '/v1/session', { key: hub.ownerKey })
  expect(await codeOf(session)).toBe('organisation_disabled')
  expect(await codeOf(hub.ask<Refusal>('GET', '/v1/me', { key: strangerKey }))).toBe('ok')
})

test('enabling lets keys and devices back in, and people sign in anew', async () => {
  expect((await asOperator('enable')).body).toMatchObject({ status: 'active' })
  expect(await codeOf(hub.ask<Refusal>('GET', '/v1/me'))).toBe('ok')
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  expect(await codeOf(asBrowser(hub, cookie)('GET', '/v1/me'))).toBe('session_ended')
  expect(await codeOf(signIn(hub, 'mona@example.com'))).toBe('ok')
  const { text } = await hub.ask('GET', '/v1/audit?limit=500')
  for (const action of ['organisation.disable', 'organisation.enable']) expect(text).toContain(action)
})

test('an invitation to a disabled organisation lets nobody in', async () => {
  const invited = await hub.ask<{ link: string }>('POST', '/v1/invitations', { body: { role: 'viewer' } })
  await asOperator('disable')
  const secret = invited.body.link.split('#invitation=')[1] ?? ''
  await expect(joinPerson(hub, 'late@example.com', secret)).rejects.toThrow('organisation_disabled')
})

test('removing needs the exact name, deletes all but the trail, and says by what the trail is known', async () => {
  expect(await codeOf(asOperator('remove', { confirm: 'defaul' }))).toBe('removal_unconfirmed')
  const removed = await asOperator('remove', { confirm: 'default' })
  expect(removed.status, removed.text).toBe(200)
  const { id, trail } = removed.body as { id: string; trail: { records: number; hash: string } }
  expect(await codeOf(asOperator('enable'))).toBe('organisation_status_refused')

  await purgeOrganisations(hub.hub)
  // Blobs have their time of grace, and go the way of all blobs.
  expect(await countRows('blobs', id)).toBeGreaterThan(0)
  nowMs += 3 * 86_400_000
  await collectBlobs(hub.hub)
  expect(await purgeOrganisations(hub.hub)).toBe(1)
  await detectIntrusions(hub.hub)
  const left = []
  for (const [table] of hub.hub.nouns.purge) if ((await countRows(table, id)) > 0) left.push(table)
  expect(left).toEqual([])
  expect([await countRows('memberships', id), await countRows('blobs', id)]).toEqual([0, 0])
  const { db } = hub.hub.store
  expect(await db.selectFrom('users').select('email').execute()).toEqual([])
  expect(
    await db
      .selectFrom('organisation_use')
      .selectAll()
      .where('organisation_id', '=', id as never)
      .execute(),
  ).toEqual([{ organisation_id: id, devices: 0, storage_bytes: 0 }])

  const last = await db
    .selectFrom('audit_records')
    .select(['sequence', 'hash', 'action'])
    .where('organisation_id', '=', id as never)
    .orderBy('sequence', 'desc')
    .executeTakeFirst()
  expect(last).toEqual({ sequence: trail.records, hash: trail.hash, action: 'organisation.remove' })
  const { text } = await hub.ask('GET', '/v1/audit?limit=500', { key: hub.operatorKey })
  expect(text).toContain(trail.hash)
})

test('what was removed is gone for everybody, and its name is free', async () => {
  expect(await codeOf(hub.ask<Refusal>('GET', '/v1/me'))).toBe('key_invalid')
  await expect(openLink(hub, device)).rejects.toThrow('certificate_invalid')
  const body = { name: 'default' }
  const again = await hub.ask<Refusal>('POST', '/v1/organisations', { key: hub.operatorKey, body })
  expect(again.status, again.text).toBe(200)
  expect(await codeOf(hub.ask<Refusal>('GET', '/v1/devices', { key: strangerKey }))).toBe('ok')
})

async function countRows(table: string, id: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}
    where organisation_id = ${id}`.execute(hub.hub.store.db)
  return Number(rows[0]?.count)
}
