/**
 * Settings with real processes: places set devices, the most specific place counts, facts pick devices, a lock of a
 * fact holds an install, and a batch wins visibly. The device's own command line decides which facts may be read.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { startConnectProxy } from '@skerry/testkit/connect-proxy'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const DEVICE = 'press-1'
const SITE = 'hamburg'

let folder: string
let hub: HubProgram
let agent: AgentProgram
let peer: Server
let env: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-settings-'))
  hub = await startHub(await newHubHome(folder))
  await writeFile(join(folder, 'line'), 'STATE="run"\n')
  await writeFile(join(folder, 'serial.sh'), '#!/bin/sh\necho SN-4711\n')
  await chmod(join(folder, 'serial.sh'), 0o755)
  const options = ['--allow-fact', `file:${join(folder, 'line')}`]
  options.push('--allow-fact', `command:serial=${join(folder, 'serial.sh')}`)
  agent = await startAgent(hub, { site: { name: SITE, kind: 'edge' }, device: DEVICE, folder, options })
  peer = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  env = {
    SKERRY_HOME: folder,
    SKERRY_HUB: hub.url,
    SKERRY_KEY: hub.connection.key ?? '',
    SKERRY_CA_FILE: hub.authorityPath,
  }
})

afterAll(async () => {
  peer?.close()
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = async (...words: string[]) => {
  const done = await cli(words, { env })
  expect(done.code, done.err).toBe(0)
  return done.out
}

const onDevice = () => hub.client.settings.ofDevice({ device: DEVICE })

const fact = async (name: string) => (await onDevice()).facts.find((each) => each.name === name)

const picked = async (selector: string) =>
  JSON.parse(await run('device', 'ls', '--selector', selector, '--json')).map(({ name }: { name: string }) => name)

const setFile = async (place: string, text: string) => {
  const path = join(folder, 'settings.yaml')
  await writeFile(path, text)
  return run('settings', 'set', place, '-f', path)
}

const settingsOfSite = () => `logLevel: debug
networkChecks: ["127.0.0.1:${(peer.address() as { port: number }).port}", "127.0.0.1:1"]
facts:
  - { name: line_state, from: { file: "${join(folder, 'line')}", key: STATE }, everySeconds: 5 }
  - { name: serial, from: { command: serial } }
  - { name: shadow, from: { file: /etc/shadow } }
locks:
  - { name: line, fact: line_state, openWhen: [stopped] }
`

test('the most specific place counts, and the device reports what it applied, read and reached', async () => {
  expect(await run('settings', 'set', 'organisation', '--set', 'log-level=warn', '--set', 'disk-free-mb=100')).toBe(
    `the settings of organisation are new, on 1 device: ${DEVICE}\n`,
  )
  await setFile(`site:${SITE}`, settingsOfSite())
  await until(async () => {
    const { state, facts, checks } = await onDevice()
    return state === 'current' && facts.length === 3 && checks.length === 2
  })
  const { origins, facts, checks } = await onDevice()
  expect(origins.slice(0, 2)).toEqual([
    { setting: 'logLevel', value: 'debug', scope: `site:${SITE}` },
    { setting: 'diskFreeMinMb', value: '100', scope: 'organisation' },
  ])
  expect(Object.fromEntries(facts.map(({ name, value, problem }) => [name, value ?? problem]))).toEqual({
    line_state: 'run',
    serial: 'SN-4711',
    shadow: 'the device does not allow it; start its agent with --allow-fact file:/etc/shadow',
  })
  expect(checks.map(({ problem }) => problem).toSorted()).toEqual(['ECONNREFUSED', undefined])
  expect(await run('settings', 'device', DEVICE)).toMatch(/logLevel +debug +site:hamburg[\s\S]*serial +SN-4711/)
})

test('facts pick devices, and follow the machine', async () => {
  expect(await picked('device.facts.line_state == "run"')).toEqual([DEVICE])
  expect(await picked('device.facts.line_state == "stopped"')).toEqual([])
  expect(await picked('device.facts.missing == "x"')).toEqual([])
})

test('a lock of a fact holds an install until the line stands still', async () => {
  const model = writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
      initialisers: [],
      nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'] }],
    }),
  )
  const golden = { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] }
  await pushModel(hub, { name: 'turn', bytes: model, golden })
  await run('deploy', 'turn:1', '--to', `device.name == "${DEVICE}"`)
  const cause = async () => (await hub.client.device.get({ device: DEVICE })).items[0]?.cause
  await until(async () => (await cause())?.code === 'update_locked')
  expect((await cause())?.message).toContain('the fact line_state is run; installing waits for stopped')
  await writeFile(join(folder, 'line'), 'STATE="stopped"\n')
  await until(async () => (await hub.client.device.get({ device: DEVICE })).items[0]?.state === 'active')
  expect((await fact('line_state'))?.value).toBe('stopped')
})

const way = async () => (await onDevice()).system?.find(({ setting }) => setting === 'proxy')
const isConnected = async () => (await hub.client.device.get({ device: DEVICE })).link.connected

test('a device reaches its hub through a proxy of the settings, also after a restart', async () => {
  await using proxy = await startConnectProxy()
  await run('settings', 'set', `device:${DEVICE}`, '--set', `proxy=${proxy.address}`)
  await until(async () => (await way())?.state === 'applied')
  const { host } = new URL(hub.url)
  expect(proxy.targets()).toContain(host)
  const before = proxy.targets().length
  await agent.stop()
  agent = await agent.again()
  await until(isConnected)
  expect(proxy.targets().slice(before)).toContain(host)
  await run('settings', 'set', `device:${DEVICE}`, '--set', 'proxy=')
  await until(async () => (await way()) === undefined)
})

test('a batch wins, and people see it', async () => {
  await run('batch', 'create', 'set-configuration', '--set', 'log-level=error', '--to', 'true', '--send')
  await until(async () => (await onDevice()).origins[0]?.overriddenBy === 'error')
  expect(await run('settings', 'device', DEVICE)).toContain('error, set by a batch')
  const shown = await run('settings', 'show', `site:${SITE}`)
  expect(shown).toMatch(new RegExp(`not confirmed +0 devices\\nset by a batch +1 device: ${DEVICE}`))
  const kept = (await hub.client.settings.get({ settings: `site:${SITE}` })).settings
  const { drift } = await hub.client.settings.plan({ settings: `site:${SITE}`, spec: kept })
  expect(drift).toEqual({ behind: { count: 0, names: [] }, overridden: { count: 1, names: [DEVICE] } })
})

test('settings that are removed restore the less specific ones, and bad ones are rejected at the door', async () => {
  expect(await run('settings', 'rm', `site:${SITE}`, '--yes')).toBe(`removed the settings of site:${SITE}\n`)
  await until(async () => (await onDevice()).facts.length === 0)
  expect((await onDevice()).origins.map(({ scope }) => scope)).toEqual(['organisation', 'organisation'])
  expect(await picked('device.facts.line_state == "stopped"')).toEqual([])
  const wrong = await cli(['settings', 'set', 'organisation', '--set', 'disk-free-mb=1'], { env })
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('disk-free-mb') })
  const nowhere = await cli(['settings', 'set', 'site:oslo', '--set', 'log-level=debug'], { env })
  expect(nowhere.err).toContain('site_unknown')
})

test(
  'a wrong proxy returns by itself, and the device stays with its hub',
  deep('the agent waits 30 s for the hub; proxy-keeper.test.ts shows the decision'),
  async () => {
    await run('settings', 'set', `device:${DEVICE}`, '--set', 'proxy=http://127.0.0.1:1')
    await until(async () => (await way())?.state === 'returned')
    expect((await way())?.problem).toContain('the device uses direct')
    expect(await isConnected()).toBe(true)
    await run('settings', 'set', `device:${DEVICE}`, '--set', 'proxy=')
  },
)
