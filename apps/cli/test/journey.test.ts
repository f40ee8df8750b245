/**
 * The whole tour of a new user: a hub and two agents as processes, and nothing but the command line.
 * @module-tag deep Sixty starts of the command line; examples/tour and test/tutorials/by-hand.test.ts go the same way.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keyPairOf } from '@skerry/platform/certificates/private-key'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestFolder, type TestFolder } from './stage/cli.ts'
import { type App, type Result, skerry, startApp } from './stage/processes.ts'

const example = (name: string) => fileURLToPath(new URL(`../../../examples/sensor-anomaly/${name}`, import.meta.url))

let folder: TestFolder
let hub: App
let hubUrl: string
let caFingerprint: string
const agents: App[] = []
let env: Record<string, string>

const hubWords = (listen: string) => {
  const files = ['--data', join(folder.path, 'hub'), '--owner-key-file', join(folder.path, 'owner.key')]
  return ['hub', ...files, '--listen', listen]
}

const cli = (...words: string[]) => skerry(words, env)

/** Runs a command that must succeed, and returns its JSON document. */
async function json(...words: string[]): Promise<unknown> {
  const result = await cli(...words, '--json')
  expect(result, words.join(' ')).toMatchObject({ code: 0 })
  return JSON.parse(result.out)
}

beforeAll(async () => {
  folder = await openTestFolder()
  env = { SKERRY_HOME: join(folder.path, 'home') }
  hub = startApp(hubWords('127.0.0.1:0'), env)
  const ready = await hub.event('hub_ready')
  hubUrl = String(ready.url)
  caFingerprint = String(ready.caFingerprint)
})

afterAll(async () => {
  for (const app of [...agents, hub]) await app.stop()
  await folder[Symbol.asyncDispose]()
})

test('login compares the fingerprint of the CA', async () => {
  const key = ['--key-file', join(folder.path, 'owner.key')]
  const alone = await cli('login', hubUrl, ...key)
  expect(alone).toMatchObject({ code: 2, err: expect.stringContaining(caFingerprint) })
  const wrong = await cli('login', hubUrl, ...key, '--ca-fingerprint', 'ab'.repeat(32))
  expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('code: fingerprint_mismatch') })
  const right = await cli('login', hubUrl, ...key, '--ca-fingerprint', caFingerprint)
  expect(right).toMatchObject({ code: 0, err: '' })
})

test('apply creates sites from a file', async () => {
  const file = fileURLToPath(new URL('../../../examples/apply/sites.yaml', import.meta.url))
  expect((await cli('apply', '-f', file, '--dry-run')).out).toBe(
    'Site rotterdam would be created\nSite frankfurt would be created\n',
  )
  expect((await cli('apply', '-f', file)).out).toBe('Site rotterdam created\nSite frankfurt created\n')
  expect((await cli('apply', '-f', file)).out).toBe('Site rotterdam unchanged\nSite frankfurt unchanged\n')
})

test('two devices join, each with its own token', async () => {
  for (const [name, site] of [
    ['gateway-1', 'rotterdam'],
    ['cloud-1', 'frankfurt'],
  ] as const) {
    const { code, out } = await cli('device', 'token', 'create', '--site', site)
    expect({ code, lines: out.split('\n').length }).toEqual({ code: 0, lines: 2 })
    const words = [
      '--data',
      join(folder.path, name),
      '--name',
      name,
      '--listen',
      '127.0.0.1:0',
      '--grpc',
      '127.0.0.1:0',
    ]
    agents.push(startApp(['agent', ...words, '--join', out.trim()], env))
  }
  for (const agent of agents) await agent.event('link_up')
  await expect.poll(devices).toEqual([
    expect.objectContaining({
      name: 'cloud-1',
      site: 'frankfurt',
      status: 'active',
      liveness: 'online',
      endpoints: anyEndpoints,
    }),
    expect.objectContaining({
      name: 'gateway-1',
      site: 'rotterdam',
      status: 'active',
      liveness: 'online',
      endpoints: anyEndpoints,
    }),
  ])
})

const anyEndpoints = { rest: expect.stringMatching(/^http:/), grpc: expect.any(String) }

type Named = { name: string }
type Shown = Record<'devices', Record<'wave' | 'offeredAtMs', number>[]>

async function devices(): Promise<Named[]> {
  return ((await json('device', 'ls')) as Named[]).toSorted((a, b) => a.name.localeCompare(b.name))
}

test('a model is pushed once, with golden inputs', async () => {
  const words = ['model', 'push', example('model-v1.onnx'), '--name', 'anomaly', '--golden', example('golden.json')]
  const dry = await cli(...words, '--dry-run')
  expect(dry).toMatchObject({
    code: 0,
    out: expect.stringContaining('a push would create anomaly:1 if the hub accepts it: 16 golden cases passed here;'),
  })
  expect((await cli('model', 'ls')).out).toContain('no models yet')
  const first = await cli(...words, '--alias', 'champion')
  expect(first).toMatchObject({ code: 0, out: expect.stringContaining('pushed anomaly:1, with 16 golden cases') })
  expect(await cli(...words)).toMatchObject({ code: 0, out: 'nothing changed: anomaly:1 has the same files already\n' })
  expect((await cli(...words, '--dry-run')).out).toContain('the hub has these files as anomaly:1, with 16 golden cases')
})

test('a file that is no model is rejected by name', async () => {
  const path = join(folder.path, 'rubbish.onnx')
  await writeFile(path, 'rubbish')
  expect(await cli('model', 'push', path)).toMatchObject({
    code: 1,
    err: expect.stringContaining('code: model_not_onnx'),
  })
})

/** The probation is short, because the agent's own tests cover it. */
const DEPLOYMENT = `apiVersion: skerry/v1
kind: Deployment
metadata: { name: anomaly }
spec:
  deployable: anomaly
  version: '@champion'
  strategy: { waves: [{ name: canary, limit: 50%, soakSeconds: 5 }] }
  probation: { seconds: 1 }
`

test('the model is deployed canary first, and both devices serve it', async () => {
  const plan = await cli('deploy', 'anomaly', '--canary', '1', '--dry-run')
  expect(plan).toMatchObject({ code: 0, out: expect.stringContaining('canary  1') })
  const applied = await skerry(['apply', '-f', '-'], env, DEPLOYMENT)
  expect(applied).toMatchObject({ code: 0, out: 'Deployment anomaly created\n' })
  const { code, out, err } = await cli('rollout', 'watch', 'anomaly')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/done, wave 2\/2 rest, 2 healthy, running v\d on 2\n$/)
  // On a busy machine, the canary may have passed before the test looks.
  const shown = (await json('rollout', 'show', 'anomaly')) as Shown
  const offeredAtMs = (wave: number) => shown.devices.find((device) => device.wave === wave)?.offeredAtMs ?? Number.NaN
  expect(offeredAtMs(1)).toBeGreaterThanOrEqual(offeredAtMs(0) + 5_000)
})

type Golden = { window: number[][][]; v1: number[][]; v2: number[][] }

/** The answer of a device for the first golden window. */
async function scoreOn(device: string): Promise<number> {
  const golden = JSON.parse(await readFile(example('golden.json'), 'utf8')) as Golden
  const reply = await json(
    'infer',
    'anomaly',
    '--device',
    device,
    '--input',
    `window=${JSON.stringify(golden.window[0])}`,
  )
  return (reply as { outputs: { data: number[] }[] }).outputs[0]?.data[0] ?? Number.NaN
}

async function expectVersion(version: 'v1' | 'v2'): Promise<void> {
  const golden = JSON.parse(await readFile(example('golden.json'), 'utf8')) as Golden
  const expected = golden[version][0]?.[0] ?? Number.NaN
  for (const device of ['gateway-1', 'cloud-1']) expect(await scoreOn(device)).toBeCloseTo(expected, 3)
}

test('devices give the reference answers', () => expectVersion('v1'))

test('explain shows why a device runs the model', async () => {
  const explanation = await json('deployment', 'explain', 'anomaly', 'gateway-1')
  expect(explanation).toMatchObject({ picked: true, offeredVersion: 1, servingVersion: 1 })
})

test('the next version follows, through an alias that moved', async () => {
  const words = ['model', 'push', example('model-v2.onnx'), '--name', 'anomaly', '--golden', example('golden.json')]
  expect(await cli(...words, '--alias', 'champion')).toMatchObject({ code: 0 })
  expect(await cli('model', 'alias', 'anomaly:1', 'champion', '--from', '1'), 'it points elsewhere').toMatchObject({
    code: 1,
    err: expect.stringContaining('code: revision_stale'),
  })
  expect(await cli('deploy', 'anomaly@champion', '--watch')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/rolling, wave 1\/2 canary[\s\S]*done, wave 2\/2 rest, 2 healthy, running v\d on 2\n$/),
  })
  await expectVersion('v2')
})

test('a version with other answers on the device is rejected there, and the rollout pauses', async () => {
  const words = [
    'model',
    'push',
    example('model-v3-noise.onnx'),
    '--name',
    'anomaly',
    '--golden',
    example('golden.json'),
  ]
  expect(await cli(...words)).toMatchObject({ code: 0 })
  const { code, err } = await cli('deploy', 'anomaly:3', '--watch')
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/is paused: [\s\S]*code: rollout_unfinished/) })
  const { devices: members } = (await json('rollout', 'show', 'anomaly', '--outcome', 'failed')) as {
    devices: unknown[]
  }
  expect(members).toMatchObject([{ outcome: 'failed', cause: { code: 'golden_mismatch' } }])
  await expectVersion('v2')
})

test('a rollback asks for a confirmation, and needs a reason', async () => {
  const words = ['rollout', 'rollback', 'anomaly']
  expect(await cli(...words)).toMatchObject({ code: 2, err: expect.stringContaining('--reason') })
  const because = [...words, '--reason', 'its scores are noise']
  expect(await cli(...because)).toMatchObject({ code: 2, err: expect.stringContaining('code: confirmation_missing') })
  expect(await cli(...because, '--yes')).toMatchObject({ code: 0, out: expect.stringContaining('rolled-back') })
  await expectVersion('v2')
})

test('a viewer key is rejected if it changes something, with exit code 4', async () => {
  const { out } = await cli('key', 'create', 'dashboard')
  const viewer = { ...env, SKERRY_KEY: out.trim() }
  expect(await skerry(['device', 'ls'], viewer)).toMatchObject({ code: 0 })
  const refused = await skerry(['deployment', 'rm', 'anomaly', '--yes'], viewer)
  expect(refused).toMatchObject({ code: 4, out: '', err: expect.stringContaining('code: permission_denied') })
})

test('the audit trail is valid, and names callers with their rejected requests', async () => {
  expect(await cli('audit', 'verify')).toMatchObject({ code: 0, out: expect.stringContaining('the trail is unbroken') })
  const [record] = (await json('audit', 'ls', '--action', 'deployment.remove')) as unknown[]
  expect(record).toMatchObject({ actor: { name: 'dashboard' }, result: 'permission_denied' })
})

test('the pulled files are the signed ones', async () => {
  const target = join(folder.path, 'pulled')
  expect(await cli('model', 'pull', 'anomaly@champion', '--output', target)).toMatchObject({ code: 0 })
  expect(await readFile(join(target, 'model.onnx'))).toEqual(await readFile(example('model-v2.onnx')))
  const key = join(folder.path, 'hub.pub')
  const signingKey = await readFile(join(folder.path, 'hub', 'signing-key.pem'), 'utf8')
  await writeFile(key, keyPairOf(signingKey).publicKeyPem)
  expect(await cli('model', 'verify', target, '--key', key, '--is', 'anomaly:2')).toMatchObject({ code: 0, err: '' })
  await writeFile(join(target, 'model.onnx'), 'other')
  expect(await cli('model', 'verify', target, '--key', key)).toMatchObject({
    code: 1,
    err: expect.stringContaining('code: signature_mismatch'),
  })
})

test('without the hub devices continue to answer, and the command line reports it with exit code 3', async () => {
  const endpoints = new Map<string, string>()
  for (const {
    name,
    endpoints: { rest },
  } of (await devices()) as (Named & { endpoints: { rest: string } })[])
    endpoints.set(name, rest)
  await hub.stop()
  expect(await cli('status')).toMatchObject({ code: 3, out: '', err: expect.stringContaining('code: hub_unreachable') })
  const window = JSON.stringify(Array.from({ length: 8 }, () => [44, 30]))
  for (const url of endpoints.values()) {
    const answered: Result = await cli('infer', 'anomaly', '--url', url, '--input', `window=${window}`)
    expect(answered).toMatchObject({ code: 0, err: '' })
  }
})

test('the fleet is unchanged when the hub is back', async () => {
  hub = startApp(hubWords(new URL(hubUrl).host), env)
  await hub.event('hub_ready')
  await expect
    .poll(async () => (await json('status')) as unknown, { interval: 500 })
    .toMatchObject({
      sites: 2,
      devices: { online: 2, stale: 0 },
      items: { active: 2, failed: 0 },
      deployments: 1,
    })
})

test('a model in use stays, and the deployment and the device can be removed', async () => {
  expect(await cli('model', 'rm', 'anomaly', '--yes')).toMatchObject({
    code: 1,
    err: expect.stringContaining('code: model_in_use'),
  })
  expect(await cli('deployment', 'rm', 'anomaly', '--yes')).toMatchObject({ code: 0 })
  // Its link may still be down, because a device retries an absent hub once a minute.
  await expect.poll(async () => await json('device', 'show', 'gateway-1')).toMatchObject({ items: [] })
  expect(await cli('device', 'rm', 'gateway-1', '--yes')).toMatchObject({ code: 0 })
  expect(await cli('device', 'show', 'gateway-1')).toMatchObject({
    code: 1,
    err: expect.stringContaining('code: device_unknown'),
  })
})
