/** Routes with real processes: a gateway balances over two devices, fails over, and refuses callers who may not call. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { createClient } from '@skerry/client/client'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, joinAgent, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { type Program, startProgram } from '../../examples/stage/program.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'dose'
const LYON = { name: 'lyon', kind: 'edge', country: 'FR', clearance: 'confidential' } as const
const BOSTON = { name: 'boston', kind: 'edge', country: 'US', clearance: 'internal' } as const

let folder: string
let hub: HubProgram
const PARIS = { name: 'paris', kind: 'onprem', country: 'FR', clearance: 'internal' } as const

let agents: AgentProgram[] = []
let gateway: Program
let url: string
let gatewayKey: string
let callerKey: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-routes-'))
  hub = await startHub({ ...(await newHubHome(folder)), args: ['--operator-key-file', join(folder, 'operator-key')] })
  const { client } = hub
  agents = await Promise.all(
    [LYON, BOSTON, PARIS].map(async (site) => {
      await client.site.apply(site)
      const { token } = await client.token.create({ site: site.name })
      const address = `127.0.0.1:${await freePort()}`
      const options = site === PARIS ? [] : ['--listen', address, '--serve-address', `http://${address}`]
      return joinAgent({ token, device: `${site.name}-1`, folder, options })
    }),
  )
  await pushModel(hub, {
    name: NAME,
    bytes: negation(),
    golden: { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] },
  })
  await client.deployment.apply({ ...DEPLOYMENT, selector: 'site.name != "paris"' })
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
  await client.role.create({ name: 'gateway', permissions: ['route.serve'] })
  await client.role.create({ name: 'caller', permissions: ['model.run'] })
  gatewayKey = (await client.key.create({ name: 'gateway', role: 'gateway' })).secret
  callerKey = (await client.key.create({ name: 'caller', role: 'caller' })).secret
  await client.route.set({ name: NAME, spec: { model: NAME, prefer: 'least' } })
  gateway = startGateway()
  url = String((await gateway.waitFor('gateway_ready')).url)
})
const DEPLOYMENT = { name: NAME, deployable: NAME, probation: { seconds: 0 } }

afterAll(async () => {
  await gateway?.stop()
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const startGateway = (key = gatewayKey) =>
  startProgram({
    name: 'gateway',
    entry: 'apps/cli/src/main.ts',
    args: ['gateway', '--site', 'lyon', '--listen', '127.0.0.1:0', '--data', join(folder, 'gateway')],
    logFolder: folder,
    env: { SKERRY_HUB: hub.url, SKERRY_KEY: key, SKERRY_CA_FILE: hub.authorityPath, SKERRY_HOME: folder },
  })

/** The model turns the sign of its input. */
function negation() {
  return writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
      initialisers: [],
      nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'] }],
    }),
  )
}

type Answer = { status: number; place: string | null; y: number | undefined; code: string | undefined }

async function ask(
  x: number,
  { route = NAME, key = callerKey }: { route?: string; key?: string } = {},
): Promise<Answer> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [x] }] })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const response = await fetch(`${url}/v2/models/${route}/infer`, { method: 'POST', body, headers })
  const read = (await response.json()) as { outputs?: { data: number[] }[]; code?: string }
  const place = response.headers.get('skerry-place')
  return { status: response.status, place, y: read.outputs?.[0]?.data[0], code: read.code }
}

test('requests are balanced over both devices, and the console has the figures', async () => {
  // The gateway may know one device before the other.
  await until(async () => {
    const first = await Promise.all([1, 2, 3, 4].map((x) => ask(x)))
    return first.every(({ status }) => status === 200) && new Set(first.map(({ place }) => place)).size === 2
  })
  const all: Answer[] = []
  // A device that has no processor for a moment has requests under way, and the other one then gets most of these 40.
  await until(async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, x) => ask(x)))
    expect(answers.map(({ status, y }) => [status, Math.abs(y ?? -1)])).toEqual(answers.map((_, x) => [200, x]))
    all.push(...answers)
    const shares = Map.groupBy(all, ({ place }) => place)
    return ['lyon-1', 'boston-1'].every((place) => (shares.get(place)?.length ?? 0) > 10)
  })
  await until(async () => {
    const { places, state } = await hub.client.route.get({ name: NAME })
    return state === 'serving' && places.length === 2 && places.every(({ traffic }) => (traffic[0]?.perSecond ?? 0) > 0)
  })
  const { rows } = await hub.client.route.list({})
  expect(rows).toMatchObject([{ name: NAME, state: 'serving', places: 2, gateways: 1 }])
})

test('rules of data and law exclude places and the gateway, within seconds', async () => {
  await hub.client.route.set({ name: NAME, spec: { model: NAME, prefer: 'least', residency: ['EU'] } })
  await until(async () => (await Promise.all([1, 2, 3, 4].map((x) => ask(x)))).every(({ place }) => place === 'lyon-1'))
  const { places } = await hub.client.route.get({ name: NAME })
  expect(places.find(({ device }) => device === 'boston-1')).toMatchObject({ verdict: 'residency_violated' })
  await hub.client.route.set({ name: NAME, spec: { model: NAME, residency: ['US'] } })
  await until(async () => (await ask(1)).status === 503)
  expect(await ask(1)).toMatchObject({ status: 503, code: 'place_missing', place: null })
  await hub.client.route.set({ name: NAME, spec: { model: NAME, prefer: 'least' } })
  await until(async () => (await ask(1)).status === 200)
})

test('callers without a key, a permission or a route are refused, and a revoked key ends within seconds', async () => {
  const { client } = hub
  expect(await ask(1, { key: 'nothing' })).toMatchObject({ status: 401, code: 'key_invalid' })
  expect(await ask(1, { route: 'other' })).toMatchObject({ status: 404, code: 'model_route_unknown' })
  const viewer = await client.key.create({ name: 'viewer', role: 'viewer' })
  expect(await ask(1, { key: viewer.secret })).toMatchObject({ status: 403, code: 'permission_denied' })
  const scoped = await client.role.create({ name: 'scoped', permissions: ['model.run'], scope: 'site.name == "lyon"' })
  expect(scoped.name).toBe('scoped')
  const narrow = await client.key.create({ name: 'narrow', role: 'scoped' })
  expect(await ask(1, { key: narrow.secret })).toMatchObject({ status: 403, code: 'scope_refused' })
  const passing = await client.key.create({ name: 'passing', role: 'caller' })
  expect(await ask(1, { key: passing.secret })).toMatchObject({ status: 200 })
  await client.key.revoke({ key: passing.key.id })
  await until(async () => (await ask(1, { key: passing.secret })).status === 401)
  expect(await ask(1, { key: await foreignKey() })).toMatchObject({ status: 404, code: 'model_route_unknown' })
})

test('a gateway needs route.serve, and a device that is quarantined is no place', async () => {
  const table = { gateway: 'forged', waitMs: 0 }
  const asCaller = createClient({ hub: hub.url, key: callerKey })
  await expect(asCaller.route.table(table)).rejects.toMatchObject({ code: 'permission_denied' })
  const asGateway = createClient({ hub: hub.url, key: gatewayKey })
  const seen = async () => (await asGateway.route.table(table)).routes[0]?.places.map(({ device }) => device).toSorted()
  expect(await seen()).toEqual(['boston-1', 'lyon-1'])
  await hub.client.device.quarantine({ device: 'boston-1', reason: 'a test' })
  expect(await seen()).toEqual(['lyon-1'])
  await until(async () => (await Promise.all([1, 2, 3, 4].map((x) => ask(x)))).every(({ place }) => place === 'lyon-1'))
  await hub.client.device.release({ device: 'boston-1', reason: 'a test' })
  await until(async () =>
    (await Promise.all([1, 2, 3, 4].map((x) => ask(x)))).some(({ place }) => place === 'boston-1'),
  )
})

test('a device that is killed under load costs no wrong answer and no untold loss, and comes back', async () => {
  const [, boston] = agents
  if (!boston) throw new Error('no agent')
  let isOver = false
  const answers: (Answer & { x: number })[] = []
  const load = Array.from({ length: 8 }, async (_, lane) => {
    for (let x = lane; !isOver; x += 8) answers.push({ ...(await ask(x)), x })
  })
  await until(async () => answers.length > 50)
  await boston.kill()
  const killed = answers.length
  await until(async () => answers.length > killed + 100)
  agents = agents.with(1, await boston.again())
  await until(async () => answers.slice(-20).some(({ place }) => place === 'boston-1'))
  isOver = true
  await Promise.all(load)
  const good = answers.filter(({ status }) => status === 200)
  expect(good.filter(({ x, y }) => Math.abs(y ?? -1) !== x)).toEqual([])
  expect(answers.filter(({ status }) => ![200, 429, 503].includes(status))).toEqual([])
  expect(good.length).toBeGreaterThan(answers.length * 0.99)
})

test('a device without an address is reached through the hub, unless a rule of data or law forbids it', async () => {
  const { client } = hub
  await client.deployment.apply({ ...DEPLOYMENT, selector: 'true' })
  await client.route.set({ name: NAME, spec: { model: NAME, prefer: 'order', sites: ['paris', 'lyon'] } })
  await until(async () => (await ask(3)).place === 'paris-1')
  const answers = await Promise.all(Array.from({ length: 20 }, (_, x) => ask(x)))
  expect(answers.map(({ place, y }) => [place, Math.abs(y ?? -1)])).toEqual(answers.map((_, x) => ['paris-1', x]))
  const spec = { model: NAME, prefer: 'order' as const, sites: ['paris', 'lyon'], residency: ['EU'] }
  await client.route.set({ name: NAME, spec })
  await until(async () => (await ask(3)).place === 'lyon-1')
  const { places } = await client.route.get({ name: NAME })
  expect(places.find(({ device }) => device === 'paris-1')).toMatchObject({ verdict: 'address_missing' })
  await client.route.set({ name: NAME, spec: { model: NAME, prefer: 'order', sites: ['paris', 'lyon'] } })
  await until(async () => (await ask(3)).place === 'paris-1')
})

test('a gateway whose key is revoked forgets its routes', async () => {
  const { client } = hub
  const made = await client.key.create({ name: 'second', role: 'gateway' })
  await gateway.stop()
  gateway = startGateway(made.secret)
  url = String((await gateway.waitFor('gateway_ready')).url)
  await until(async () => (await ask(2)).status === 200)
  await client.key.revoke({ key: made.key.id })
  await until(async () => (await ask(2)).code === 'table_missing')
  await gateway.stop()
  gateway = startGateway()
  url = String((await gateway.waitFor('gateway_ready')).url)
  await until(async () => (await ask(2)).status === 200)
})

test('the gateway continues without the hub, also after a start, and ends the grace of keys', async () => {
  await hub.stop()
  expect(await ask(7)).toMatchObject({ status: 200, y: -7 })
  await gateway.stop()
  gateway = startGateway()
  url = String((await gateway.waitFor('gateway_ready')).url)
  // It has the routes, and knows no key yet.
  expect(await ask(7)).toMatchObject({ status: 503, code: 'hub_unreachable' })
  const ready = await fetch(`${url}/v2/health/ready`)
  expect(ready.status).toBe(200)
})

/** The key of an owner in another organisation, who joined by a link. */
async function foreignKey(): Promise<string> {
  const operator = createClient({ hub: hub.url, key: (await readFile(join(folder, 'operator-key'), 'utf8')).trim() })
  const { invitation } = await operator.organisation.create({ name: 'north', ownerEmail: 'mona@example.com' })
  const secret = (invitation.link ?? '').split('#invitation=')[1]
  const person = { invitation: secret, email: 'mona@example.com', name: 'mona', password: 'tidal basin lantern' }
  const joined = await asPage('/v1/account', person)
  const made = await asPage('/v1/keys', { name: 'foreign', role: 'owner' }, joined.cookie)
  return String(made.body.secret)
}

/** Sends as a page of the hub does. */
function asPage(path: string, body: object, cookie?: string) {
  return new Promise<{ cookie: string; body: Record<string, unknown> }>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...(cookie && { cookie }) }
    const sent = request(new URL(path, hub.url), { method: 'POST', headers, agent: false }, (response) => {
      const given = String(response.headers['set-cookie'] ?? '').split(';')[0] ?? ''
      json(response).then((read) => resolve({ cookie: given, body: read as Record<string, unknown> }), reject)
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}
