/** Groups with real processes: a deployment follows its group, a change is explained first, and a used group stays. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@skerry/client/client'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type AgentProgram, type HubProgram, joinAgent, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const MODEL = 'turn'

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
let env: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-groups-'))
  hub = await startHub(await newHubHome(folder))
  const { client } = hub
  await client.site.apply({ name: 'plant', kind: 'edge', country: 'NO', labels: { hall: '4' } })
  agents = await Promise.all(
    ['pump-1', 'fan-1'].map(async (device) => {
      const { token } = await client.token.create({ site: 'plant' })
      return joinAgent({ token, device, folder })
    }),
  )
  for (const device of ['pump-1', 'fan-1'])
    await client.device.relabel({ device, labels: { kind: device.split('-')[0] ?? '' } })
  await pushModel(hub, {
    name: MODEL,
    bytes: negation(),
    golden: { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] },
  })
  env = {
    SKERRY_HOME: folder,
    SKERRY_HUB: hub.url,
    SKERRY_KEY: hub.connection.key ?? '',
    SKERRY_CA_FILE: hub.authorityPath,
  }
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

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

const run = async (...words: string[]) => {
  const done = await cli(words, { env })
  expect(done.code, done.err).toBe(0)
  return done
}

const names = async (selector: string) => JSON.parse((await run('device', 'ls', '--selector', selector, '--json')).out)

test('a deployment follows its group, and every use of selectors takes one', async () => {
  const { client } = hub
  await run('group', 'set', 'pumps', '--selector', 'device.labels.kind == "pump"', '--description', 'Line 4')
  expect((await run('group', 'show', 'pumps')).out).toMatch(/members +1[\s\S]*pump-1/)
  expect((await names('group:pumps')).map(({ name }: { name: string }) => name)).toEqual(['pump-1'])
  expect((await names('!group:pumps')).map(({ name }: { name: string }) => name)).toEqual(['fan-1'])
  expect((await run('devices', '--filter', 'group:pumps', '-o', 'name')).out).toBe('pump-1\n')
  expect((await run('selector', 'test', 'group:pumps', '--why-not')).out).toContain('device.labels.kind is fan')

  await run('deploy', MODEL, '--to', 'group:pumps', '--yes')
  await until(async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'done')
  expect((await client.deployment.get({ deployment: MODEL })).devices.total).toBe(1)
  const batch = await client.batch.create({ command: { kind: 'run-diagnostics' }, selector: 'group:pumps' })
  expect(Object.values(batch.counts).reduce((sum, count) => sum + count, 0)).toBe(1)

  const wider = ['group', 'set', 'pumps', '--selector', 'device.labels.kind in ["pump", "fan"]']
  const dry = await run(...wider, '--dry-run')
  expect(dry.out).toContain('the group pumps changes: 2 members, used by deployment turn')
  expect(dry.out).toContain('1 device joins: fan-1')
  expect((await client.group.get({ group: 'pumps' })).members.count).toBe(1)
  expect(await cli(wider, { env })).toMatchObject({ code: 2, err: expect.stringContaining('confirmation_missing') })
  await run(...wider, '--yes')
  await until(async () => (await client.deployment.get({ deployment: MODEL })).devices.total === 2)

  await run('group', 'set', 'pumps', '--selector', 'device.labels.kind == "fan"', '--yes')
  await until(async () => (await client.deployment.get({ deployment: MODEL })).devices.total === 1)
  const { rows } = await client.audit.list({ action: 'group.set', limit: 10, newestFirst: 'true' })
  expect(rows[0]?.detail).toMatchObject({ joins: 0, leaves: 1, uses: ['deployment turn'] })
})

test('a used group stays, and its name cannot be nested or unknown', async () => {
  const refused = async (...words: string[]) => (await cli(words, { env })).err
  expect(await refused('group', 'rm', 'pumps', '--yes')).toContain('deployment turn names the group pumps')
  expect(await refused('group', 'set', 'outer', '--selector', 'group:pumps')).toContain('cannot name another group')
  expect(await refused('device', 'ls', '--selector', 'group:none')).toContain('the group none, which does not exist')
  await run('group', 'set', 'spare', '--selector', 'device.online')
  await run('group', 'rm', 'spare', '--yes')
})

test('the scope of a role can be a group of facts that people set', async () => {
  const { client } = hub
  await client.role.create({ name: 'pumper', permissions: ['fleet.read', 'deployment.read'], scope: 'group:pumps' })
  const { secret } = await client.key.create({ name: 'pumper', role: 'pumper' })
  const scoped = createClient({ ...hub.connection, key: secret })
  expect((await scoped.device.list({ limit: 10 })).rows.map(({ name }) => name)).toEqual(['fan-1'])
  expect((await scoped.group.get({ group: 'pumps' })).members.count).toBe(1)
  await expect(scoped.deployment.get({ deployment: MODEL })).resolves.toMatchObject({ name: MODEL })
  await expect(client.group.set({ group: 'pumps', spec: { selector: 'device.online' } })).rejects.toMatchObject({
    code: 'group_refused',
  })
})

test('what -o yaml prints is what apply takes, for each kind', async () => {
  const printed = await Promise.all([
    run('site', 'show', 'plant', '-o', 'yaml'),
    run('group', 'show', 'pumps', '-o', 'yaml'),
    run('deployment', 'show', MODEL, '-o', 'yaml'),
  ])
  const text = printed.map(({ out }) => out).join('---\n')
  expect(parseAllDocuments(text).map((document) => document.get('kind'))).toEqual(['Site', 'Group', 'Deployment'])
  expect(parse(printed[2]?.out ?? '').spec).toMatchObject({ version: 'latest', selector: 'group:pumps' })
  const file = join(folder, 'fleet.yaml')
  await writeFile(file, text)
  const same = JSON.parse((await run('apply', '-f', file, '--dry-run', '--json')).out)
  expect(same.changes.map(({ change }: { change: string }) => change)).toEqual(['none', 'none', 'none'])
  for (const noun of ['site', 'group', 'deployment']) {
    const listed = await run(noun, 'ls', '-o', 'yaml')
    await writeFile(file, listed.out)
    expect((await run('apply', '-f', file)).out).toContain('unchanged')
  }
  await writeFile(file, text.replace('version: latest', 'version: 1').replace('"fan"', '"pump"'))
  const changed = (await run('apply', '-f', file, '--yes')).out
  expect(changed).toMatch(/Site plant unchanged\nGroup pumps changed\nDeployment turn changed/)
  expect(await hub.client.deployment.get({ deployment: MODEL })).toMatchObject({ revision: 2, spec: { version: '1' } })
})
