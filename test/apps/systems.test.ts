/** System releases on real devices: parts in their order, the return of the whole, and the names that a system owns. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ItemReport } from '@skerry/contract/devices/item'
import { expect, test } from 'vitest'
import { MODEL, pushBuild } from '../../apps/cli/test/stage/anomaly.ts'
import { type Fleet, openFleet } from '../../apps/cli/test/stage/fleet.ts'
import { until } from '../../apps/cli/test/stage/service.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/systems')

const releaseOf = (...parts: string[]) => `apiVersion: skerry/v1
kind: SystemRelease
metadata: { name: line }
spec:
  description: line 4
  parts:
${parts.map((part) => `    - { name: ${part.replace(':', ', version: ')} }\n`).join('')}`

async function run(fleet: Fleet, ...words: string[]): Promise<string> {
  const { code, out, err } = await fleet.cli(words)
  expect(code, err).toBe(0)
  return out + err
}

async function file(fleet: Fleet, name: string, text: string): Promise<string> {
  const path = join(fleet.folder, name)
  await writeFile(path, text)
  return path
}

async function pushData(fleet: Fleet, text: string): Promise<void> {
  const folder = join(fleet.folder, 'limits')
  await mkdir(folder)
  await writeFile(join(folder, 'line-4.csv'), text)
  await run(fleet, 'data', 'push', 'limits', folder)
}

const pushRelease = async (fleet: Fleet, name: string, ...parts: string[]) =>
  run(fleet, 'system', 'push', await file(fleet, name, releaseOf(...parts)))

const deploySystem = async ({ hub }: Fleet, version: number) =>
  hub.client.deployment.apply({
    name: 'line',
    deployable: 'line',
    version: String(version),
    probation: { seconds: 0 },
    strategy: { waves: [{ limit: 1 }] },
  })

/** The items of the device, once all of them are active in these versions. */
const settled = ({ hub }: Fleet, device: string, versions: Readonly<Record<string, number>>) =>
  until(`${device} to have ${JSON.stringify(versions)}`, async () => {
    const { items } = await hub.client.device.get({ device })
    const found = Object.fromEntries(items.map(({ name, target }) => [name, target.version]))
    const isThere = items.every(({ state }) => state === 'active')
    return isThere && JSON.stringify(sorted(found)) === JSON.stringify(sorted(versions)) ? items : undefined
  })

const sorted = (record: Readonly<Record<string, number>>) => Object.entries(record).toSorted()

/** The names in the order in which the items came into their state. */
const inTime = (items: readonly ItemReport[]) =>
  items.toSorted((one, other) => one.sinceMs - other.sinceMs).map(({ name }) => name)

test('devices install data, model and flow in order, and return the whole when the last part fails', async () => {
  await using fleet = await openFleet()
  const devices = ['press-1', 'press-2']
  for (const name of devices) await fleet.join(name)
  await run(fleet, 'source', 'set', join(EXAMPLE, 'press.yaml'))
  await run(fleet, 'data', 'push', 'limits', join(EXAMPLE, 'limits'))
  await pushData(fleet, 'pressure,10\n')
  const flow = await readFile(join(EXAMPLE, 'follow.yaml'), 'utf8')
  await run(fleet, 'flow', 'push', join(EXAMPLE, 'follow.yaml'))
  await run(fleet, 'flow', 'push', await file(fleet, 'follow-2.yaml', flow.replace('samples: 4', 'samples: 8')))
  for (const build of ['v1', 'v2', 'noise'] as const) await pushBuild(fleet, build)

  const pushed = await run(fleet, 'system', 'push', join(EXAMPLE, 'line.yaml'))
  expect(pushed).toContain('pushed line:1')
  expect(await run(fleet, 'system', 'show', 'line:1')).toMatch(/2 +sensor-anomaly:1 +model/)
  const one = { limits: 1, [MODEL]: 1, follow: 1 }
  const { deployment } = await deploySystem(fleet, 1)
  for (const name of devices) expect(inTime(await settled(fleet, name, one)), name).toEqual(['limits', MODEL, 'follow'])
  expect(await run(fleet, 'rollout', 'watch', deployment.rolloutId)).toContain('done')
  expect(await run(fleet, 'deployment', 'explain', 'line', 'press-1')).toContain('has all 3 parts of the system')

  // The parts belong to the system: neither a version nor a name of it can be taken away.
  const removed = await fleet.cli(['model', 'rm', `${MODEL}:1`, '--yes'])
  expect(removed.err).toContain('it is in use by the system line:1')
  const { deployment: other } = await fleet.hub.client.deployment.apply({
    name: 'other',
    deployable: MODEL,
    version: '2',
  })
  expect(await fleet.hub.client.deployment.conflicts({ deployment: other.name })).toMatchObject({
    rows: [
      { name: 'press-1', owner: 'line' },
      { name: 'press-2', owner: 'line' },
    ],
  })
  await fleet.hub.client.deployment.remove({ deployment: other.name })

  await pushRelease(fleet, 'two.yaml', 'limits:2', 'follow:2', `${MODEL}:3`)
  const { bytes, waves } = await fleet.hub.client.deployment.plan({ name: 'line', deployable: 'line', version: '2' })
  const files = await Promise.all(
    [
      ['limits', '2'],
      ['follow', '2'],
      [MODEL, '3'],
    ].map(([name = '', version = '']) => fleet.hub.client.model.getVersion({ name, version })),
  )
  // A file that version 1 has, too, does not move.
  const held = new Set(
    (await fleet.hub.client.model.getVersion({ name: MODEL, version: '1' })).files.map(({ digest }) => digest),
  )
  held.add((await fleet.hub.client.model.getVersion({ name: 'limits', version: '1' })).files[0]?.digest as never)
  const moving = files.flatMap((version) => version.files).filter(({ digest }) => !held.has(digest))
  expect([waves.length, bytes]).toEqual([1, 2 * moving.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)])

  const { deployment: broken } = await deploySystem(fleet, 2)
  const paused = await until('the rollout to pause', async () => {
    const found = await fleet.hub.client.deployment.get({ deployment: 'line' })
    return found.rolloutStatus === 'paused' && found.rolloutId === broken.rolloutId ? found : undefined
  })
  const [failure] = paused.failures ?? []
  expect(failure).toMatchObject({
    outcome: 'failed',
    code: 'golden_mismatch',
    message: expect.stringContaining(`part ${MODEL}: `),
  })
  const canary = failure?.device ?? ''
  // The device itself kept the model. The hub returned the flow, and then the data.
  expect(inTime(await settled(fleet, canary, one)).slice(-2)).toEqual(['follow', 'limits'])
  const spared = devices.find((name) => name !== canary) ?? ''
  const before = await settled(fleet, spared, one)
  expect(before.every(({ target }) => target.revision === 1)).toBe(true)
  const why = await run(fleet, 'deployment', 'explain', 'line', canary)
  expect(why).toContain('has returned the whole system, because its part sensor-anomaly failed')
  expect(why).toMatch(/limits:2 +data +1 +returned/)
  const { rows } = await fleet.hub.client.audit.list({ action: 'system.returned', limit: 5 })
  expect(rows.map(({ detail }) => detail)).toMatchObject([
    {
      deployment: 'line',
      part: MODEL,
      code: 'golden_mismatch',
    },
  ])

  // A release without the flow removes it last, and one command returns all parts.
  await pushRelease(fleet, 'three.yaml', 'limits:2', `${MODEL}:2`)
  await deploySystem(fleet, 3)
  for (const name of devices) await settled(fleet, name, { limits: 2, [MODEL]: 2 })
  await run(fleet, 'rollout', 'watch', 'line')
  await run(fleet, 'deployment', 'rollback', 'line', '--to', '1', '--yes', '--watch')
  for (const name of devices) await settled(fleet, name, one)
})
