import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { askToJoin, joinDevice, makeApplicant, makeToken } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

test('a device joins, and another request with the same key is the same device and uses up no token', async () => {
  const { secret, id } = await makeToken(hub, { usesMax: 1 })
  const applicant = await makeApplicant()
  const first = await askToJoin(hub, secret, applicant)
  expect(first.status).toBe(200)
  expect(first.body).toMatchObject({ status: 'active', name: 'gateway-7' })
  const again = await askToJoin(hub, secret, applicant)
  // The time differs, and so does the signature.
  const whenever = { hubTimeMs: 0, envelope: {} }
  expect({ ...again.body, ...whenever }).toEqual({ ...first.body, ...whenever })
  const tokens = await hub.ask<{ rows: { id: string; uses: number }[] }>('GET', '/v1/join-tokens')
  expect(tokens.body.rows.find((row) => row.id === id)?.uses).toBe(1)
})

test('a new token states that the hub has no agent package, and the addresses that the hub could have', async () => {
  await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'edge' } })
  const { body } = await hub.ask('POST', '/v1/join-tokens', { body: { site: 'oslo' } })
  const { hostname, port } = new URL(hub.url)
  expect(body).toMatchObject({
    installation: {
      packages: [],
      local: { hub: hub.url, listen: { host: hostname, port: Number(port) }, addresses: expect.any(Array) },
    },
  })
})

test('a used-up, a revoked and an unknown token are rejected alike', async () => {
  const usedUp = await makeToken(hub, { usesMax: 1 })
  await askToJoin(hub, usedUp.secret, await makeApplicant())
  const revoked = await makeToken(hub)
  await hub.ask('POST', `/v1/join-tokens/${revoked.id}/revoke`)
  const applicant = await makeApplicant()
  const answers = [usedUp.secret, revoked.secret, 'A'.repeat(43)].map((secret) => askToJoin(hub, secret, applicant))
  const bodies = (await Promise.all(answers)).map(({ text }) => text)
  expect(new Set(bodies).size).toBe(1)
  expect(bodies[0]).toContain('token_refused')
})

test('if many devices use the last use of a token at once, one gets it', async () => {
  const { secret } = await makeToken(hub, { usesMax: 3 })
  const applicants = await Promise.all(Array.from({ length: 10 }, makeApplicant))
  const answers = await Promise.all(applicants.map((applicant) => askToJoin(hub, secret, applicant)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(7)
  const names = answers.flatMap(({ body }) => ('name' in body ? [body.name] : []))
  expect(new Set(names).size).toBe(3)
})

test('a device waits for approval if its token requires it', async () => {
  const { secret } = await makeToken(hub, { approval: 'manual' })
  const applicant = await makeApplicant()
  const waiting = await askToJoin(hub, secret, applicant, 'waits')
  expect(waiting.body).toMatchObject({ status: 'pending', name: 'waits' })
  expect((await hub.ask('POST', '/v1/devices/waits/approve')).body).toMatchObject({ status: 'active' })
  expect((await hub.ask('POST', '/v1/devices/waits/approve')).body).toMatchObject({ code: 'device_status_refused' })
  expect((await askToJoin(hub, secret, applicant, 'waits')).body).toMatchObject({ status: 'active', name: 'waits' })
})

test('an invalid request is rejected, and a revoked device is not admitted', async () => {
  const { secret } = await makeToken(hub)
  const forged = await askToJoin(hub, secret, { csr: 'not a request', privateKeyPem: '' })
  expect(forged.body).toMatchObject({ code: 'csr_invalid' })
  const applicant = await makeApplicant()
  const { body } = await askToJoin(hub, secret, applicant, 'bad-one')
  expect(body.status).toBe('active')
  await hub.ask('POST', '/v1/devices/bad-one/revoke', { body: { reason: 'stolen' } })
  expect((await askToJoin(hub, secret, applicant, 'bad-one')).body).toMatchObject({ code: 'device_revoked' })
})

test('a second device of the same name gets a suffix', async () => {
  const names = [await joinDevice(hub, { name: 'twin' }), await joinDevice(hub, { name: 'twin' })].map(
    ({ name }) => name,
  )
  expect(names).toEqual(['twin', 'twin-2'])
})

test('a guesser of tokens has to wait', async () => {
  // A token may be tried again every few seconds. On a busy machine twelve guesses may take longer.
  const nowMs = systemClock.nowMs()
  await using fresh = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const applicant = await makeApplicant()
  const statuses: number[] = []
  for (let guess = 0; guess < 12; guess++) statuses.push((await askToJoin(fresh, 'B'.repeat(43), applicant)).status)
  expect(statuses.slice(0, 10)).toEqual(Array(10).fill(403))
  expect(statuses.slice(10)).toEqual([429, 429])
})
