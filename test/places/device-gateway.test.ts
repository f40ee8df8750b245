/** A device as gateway with real processes: it answers callers beside it with its own model, and with other devices. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'dose'
const LYON = { name: 'lyon', kind: 'edge', country: 'FR', clearance: 'confidential' } as const
const PARIS = { name: 'paris', kind: 'onprem', country: 'FR', clearance: 'confidential' } as const
const DEPLOYMENT = { name: NAME, deployable: NAME, probation: { seconds: 0 } }

let folder: string
let hub: HubProgram
let lyon: AgentProgram
let paris: AgentProgram
let url: string
let keyFile: string
let callerKey: string
let gatewayKeyId: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-device-gateway-'))
  hub = await startHub(await newHubHome(folder))
  const { client } = hub
  await client.role.create({ name: 'gateway', permissions: ['route.serve'] })
  await client.role.create({ name: 'caller', permissions: ['model.run'] })
  keyFile = join(folder, 'gateway-key')
  callerKey = (await client.key.create({ name: 'caller', role: 'caller' })).secret
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const gateway = ['--gateway', `127.0.0.1:${port}`, '--gateway-key-file', keyFile]
  lyon = await startAgent(hub, { site: LYON, device: 'lyon-1', folder, options: gateway })
  const address = `127.0.0.1:${await freePort()}`
  const reached = ['--listen', address, '--serve-address', `http://${address}`]
  paris = await startAgent(hub, { site: PARIS, device: 'paris-1', folder, options: reached })
  await pushModel(hub, {
    name: NAME,
    bytes: negation(),
    golden: { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] },
  })
  await client.deployment.apply(DEPLOYMENT)
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
  // A rule of data: without an address, only the gateway of the device itself may reach its model.
  await client.route.set({ name: NAME, spec: { model: NAME, dataClass: 'confidential', breaker: { openMs: 500 } } })
})

afterAll(async () => {
  await Promise.all([lyon, paris].map((agent) => agent?.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The model turns the sign of its input. */
const negation = () =>
  writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
      initialisers: [],
      nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'] }],
    }),
  )

type Answer = { status: number; place: string | null; y: number | undefined; code: string | undefined }

async function ask(x: number, key = callerKey): Promise<Answer> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [x] }] })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  try {
    const response = await fetch(`${url}/v2/models/${NAME}/infer`, { method: 'POST', body, headers })
    const read = (await response.json()) as { outputs?: { data: number[] }[]; code?: string }
    const place = response.headers.get('skerry-place')
    return { status: response.status, place, y: read.outputs?.[0]?.data[0], code: read.code }
  } catch {
    return { status: 0, place: null, y: undefined, code: undefined }
  }
}

const conditions = async () => (await hub.client.device.get({ device: 'lyon-1' })).conditions.map(({ code }) => code)

test('a gateway without its key says so, and starts as soon as the file has one', async () => {
  await until(async () => (await conditions()).includes('gateway_unavailable'))
  const { secret, key } = await hub.client.key.create({ name: 'gateway', role: 'gateway' })
  gatewayKeyId = key.id
  await writeFile(keyFile, `${secret}\n`)
  await until(async () => (await ask(1)).status === 200)
  await until(async () => !(await conditions()).includes('gateway_unavailable'))
})

test('its own model answers, although the device declares no address and the data must not pass the hub', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, x) => ask(x)))
  expect(answers.map(({ status, place, y }) => [status, place, Math.abs(y ?? -1)])).toEqual(
    answers.map((_, x) => [200, 'lyon-1', x]),
  )
  const { gateways, places } = await hub.client.route.get({ name: NAME })
  // The site is that of the device, which has not stated one.
  expect(gateways).toMatchObject([{ gateway: 'lyon-1', site: 'lyon', isFresh: true }])
  expect(places.find(({ device }) => device === 'lyon-1')).toMatchObject({ verdict: 'address_missing' })
})

test('another device answers when its own has lost the model, and the own one again when it is back', async () => {
  const away = { ...DEPLOYMENT, selector: 'site.name == "paris"' }
  const { leaves } = await hub.client.deployment.plan(away)
  await hub.client.deployment.apply({ ...away, ...(leaves.digest && { acknowledgedLeaves: leaves.digest }) })
  await until(async () => (await ask(2)).place === 'paris-1')
  expect(await ask(3)).toMatchObject({ status: 200, place: 'paris-1', y: -3 })
  await hub.client.deployment.apply(DEPLOYMENT)
  await until(async () => (await ask(4)).place === 'lyon-1')
})

test('a caller without the permission, and a revoked key of the gateway, are refused', async () => {
  const viewer = await hub.client.key.create({ name: 'viewer', role: 'viewer' })
  expect(await ask(1, viewer.secret)).toMatchObject({ status: 403, code: 'permission_denied' })
  expect(await ask(1, 'sk_nothing')).toMatchObject({ status: 401 })
  await hub.client.key.revoke({ key: gatewayKeyId })
  // The gateway forgets its routes, also on the disk.
  await until(async () => (await ask(1)).code === 'table_missing')
  const again = await hub.client.key.create({ name: 'gateway-2', role: 'gateway' })
  await writeFile(keyFile, again.secret)
  await until(async () => (await ask(5)).status === 200)
})

test('the hub rejects a gateway that names a device of nobody, and a route that its site must not serve', async () => {
  const { client } = hub
  await expect(client.route.table({ gateway: 'forged', device: 'dev_aaaaaaaa', waitMs: 0 })).rejects.toMatchObject({
    code: 'device_unknown',
  })
  await client.route.set({ name: NAME, spec: { model: NAME, dataClass: 'restricted' } })
  await until(async () => (await ask(1)).code === 'place_missing')
})
