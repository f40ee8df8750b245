import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOperation, apiOperations, exampleRequest } from '../stage/api-request.ts'
import { makeThings } from '../stage/made-things.ts'
import { keyFor, startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'

const { operations, resolve } = await apiOperations()
const withBody = operations.filter(({ body }) => body !== undefined)

let hub: TestHub
let things: Record<string, string>
beforeAll(async () => {
  hub = await startTestHub({ hasOperator: true })
  const made = await hub.ask<{ key: { id: string } }>('POST', '/v1/keys', { body: { name: 'other', role: 'viewer' } })
  things = await makeThings(hub, made.body.key.id)
})
afterAll(() => hub[Symbol.asyncDispose]())

const JSON_TYPE = { 'content-type': 'application/json' }

function send({ operation, raw }: { operation: ApiOperation; raw: string }) {
  const { method, path } = exampleRequest(operation, resolve, things)
  return hub.ask<{ code: string }>(method, path, { key: keyFor(hub, operation), raw, headers: JSON_TYPE })
}

const failures = () => hub.log.filter(({ event }) => event === 'request_failed')

/** Fields that decide whose a thing is and who made it. */
const TAKEN = ['organisationId', 'organisation_id', 'isAdmin', 'createdBy', 'created_by', 'secretHash']

test.each(withBody)('$name takes no field that is not its own', async (operation) => {
  const { body } = exampleRequest(operation, resolve, things)
  for (const field of TAKEN) {
    const answer = await send({ operation, raw: JSON.stringify({ ...(body as object), [field]: 'owner' }) })
    expect(answer, answer.text).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
    expect(answer.text).toContain(field)
  }
})

test.each(withBody)('$name pollutes no prototype', async (operation) => {
  const { body } = exampleRequest(operation, resolve, things)
  const fields = JSON.stringify(body).slice(1, -1)
  for (const poison of ['"__proto__":{"polluted":true}', '"constructor":{"prototype":{"polluted":true}}']) {
    const answer = await send({ operation, raw: `{${[fields, poison].filter(Boolean).join(',')}}` })
    expect(answer, answer.text).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
  }
  expect('polluted' in {}).toBe(false)
})

const nested: [string, string][] = [100, 10_000, 400_000].flatMap((depth): [string, string][] => [
  [`${depth} lists`, `{"labels":${'['.repeat(depth)}${']'.repeat(depth)}}`],
  [`${depth} lists that never end`, '['.repeat(depth)],
  [`${depth} objects`, `${'{"a":'.repeat(depth / 4)}1${'}'.repeat(depth / 4)}`],
])

test.each(nested)('%s inside each other are refused', async (_, raw) => {
  const answer = await hub.ask('PUT', '/v1/sites/deep', { raw, headers: JSON_TYPE })
  expect(answer).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
  expect(failures()).toEqual([])
})

test('brackets in text are text', async () => {
  const region = `${'['.repeat(60)}"\\${'{'.repeat(60)}\\\\`
  const answer = await hub.ask('PUT', '/v1/sites/brackets', {
    body: { kind: 'edge', labels: { region: '[[' }, region },
  })
  const isAboutLength = answer.status === 200 || !answer.text.includes('nests')
  expect(isAboutLength, answer.text).toBe(true)
})

test('a device that nests without end is cut off or refused, and nobody else notices', async () => {
  using good = await openLink(hub, await joinDevice(hub))
  for (const text of ['['.repeat(900_000), `{"i":"1","p":{"u":"/report","b":${'[1,'.repeat(200_000)}`]) {
    using bad = await openLink(hub, await joinDevice(hub))
    bad.socket.send(text)
    expect((await bad.closed).code).toBe(4400)
  }
  const whole = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  using bad = await openLink(hub, await joinDevice(hub))
  bad.socket.send(`{"i":"1","p":{"u":"/report","b":{"json":${whole}}}}`)
  await good.client.report(reportOf())
  expect((await hub.ask('GET', '/healthz')).status).toBe(200)
  expect(failures()).toEqual([])
})

test.each([
  'device.name.matches("^(a+)+$")',
  'device.name.matches("((a{30}){30}){30}")',
  `${'('.repeat(900)}true${')'.repeat(900)}`,
  `${'!'.repeat(1_800)}true`,
  `${'device.labels['.repeat(150)}"a"${']'.repeat(150)} == "b"`,
  `[${'1,'.repeat(900)}1].all(a, [${'1,'.repeat(40)}1].all(b, a + b > 0))`,
])('the selector %s is answered at once, or refused', async (selector) => {
  const answer = await hub.ask('POST', '/v1/selector/preview', { body: { selector } })
  expect([200, 400]).toContain(answer.status)
  expect(failures()).toEqual([])
})

test('a value with a line end never becomes a header', async () => {
  const name = encodeURIComponent('oslo\r\nset-cookie: session=mine')
  for (const path of [`/v1/sites/${name}`, `/devices/${name}`, `/?next=${name}`, `/v1/audit?limit=${name}`]) {
    const { headers } = await hub.ask('GET', path)
    expect(headers['set-cookie'], path).toBeUndefined()
  }
  const tag = await hub.ask('GET', '/v1/sites/oslo', { headers: { 'if-none-match': '"x", "y"' } })
  expect(tag.headers['set-cookie']).toBeUndefined()
})
