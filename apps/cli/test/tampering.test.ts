/**
 * Artefacts that a person or a disk has changed: at the hub, in its database, on the device. No device ever serves one
 * of them, and each is named.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ItemReport } from '@skerry/contract/devices/item'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { Version } from '@skerry/contract/models/model'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { askAnomaly, deploy, MODEL, pushBuild } from './stage/anomaly.ts'
import { blobPath } from './stage/evidence.ts'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from './stage/fleet.ts'
import { until } from './stage/service.ts'

const DEVICE = 'gateway-1'
const V1 = { version: 1, build: 'v1' }

let fleet: Fleet
let agent: FleetAgent
let v1: Version
let v2: Version

beforeAll(async () => {
  fleet = await openSharedFleet()
  agent = await fleet.join(DEVICE)
  v1 = await pushBuild(fleet, 'v1')
  v2 = await pushBuild(fleet, 'v2')
  await deploy(fleet, 1)
  await fleet.item(DEVICE, ({ state }) => state === 'active')
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

const modelDigest = ({ files }: Version) => files.find(({ path }) => path === MODEL_PATH)?.digest ?? ''

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path)
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  await writeFile(path, bytes)
}

/** Changes the hub's records while it is stopped, like an attacker who has its disk but not its signing key. */
async function changeRecords(...statements: readonly string[]): Promise<void> {
  await fleet.hub.end('SIGTERM')
  const database = new DatabaseSync(join(fleet.hub.data, 'hub.sqlite'))
  for (const sql of statements) expect(database.prepare(sql).run().changes, sql).toBeGreaterThan(0)
  database.close()
  await fleet.hub.start()
}

/** Deploys the version, and returns the device's cause after the device has rejected it. v1 must have kept serving. */
async function refusalOf(version: number): Promise<ItemReport['cause']> {
  const { revision } = await deploy(fleet, version)
  expect(revision).toBeGreaterThan(1)
  return deviceRefusal(version)
}

async function deviceRefusal(version: number): Promise<ItemReport['cause']> {
  const item = await fleet.item(DEVICE, ({ state, target }) => state === 'failed' && target.version === version)
  expect(item.serving).toMatchObject({ version: 1 })
  expect(await askAnomaly(agent.url)).toEqual(V1)
  return item.cause
}

/**
 * Does the same for a version whose records change after the hub has checked it. By then, the hub itself rejects a new
 * deployment of it.
 */
async function refusalOfChanged(version: number, { sql, known = version }: { sql: readonly string[]; known?: number }) {
  // A first wave without devices pauses it before anything is offered.
  const { rolloutId } = await deploy(fleet, version, { strategy: { waves: [{ selector: 'false' }] } })
  await changeRecords(...sql)
  await expect(deploy(fleet, known, { probation: { seconds: 1 } })).rejects.toMatchObject({ code: 'version_untrusted' })
  await fleet.hub.client.rollout.resume({ rollout: rolloutId, reason: 'nobody has noticed' })
  return deviceRefusal(known)
}

/** Returns the device to version 1 for the next test. */
async function back(): Promise<void> {
  await deploy(fleet, 1)
  await fleet.item(DEVICE, ({ state, target }) => state === 'active' && target.version === 1)
}

test('hub and device reject a file that was damaged on the disk of the hub, and it serves after another push', async () => {
  const digest = modelDigest(v2)
  await flipByte(blobPath(fleet.hub.data, digest))
  expect(await refusalOf(2)).toMatchObject({
    code: 'blob_damaged',
    message: expect.stringMatching(/^fetching model.onnx: .*the stored bytes no longer match their digest/),
  })
  const headers = { authorization: `Bearer ${fleet.hub.connection.key}` }
  const answer = await fetch(`${fleet.hub.url}/v1/blobs/${digest}`, { headers })
  expect({ status: answer.status, body: await answer.json() }).toMatchObject({
    status: 410,
    body: { code: 'blob_damaged' },
  })

  expect(await pushBuild(fleet, 'v2')).toMatchObject({ version: 2, digest: v2.digest })
  expect(await fleet.cli(['device', 'retry', DEVICE, MODEL])).toMatchObject({ code: 0 })
  await fleet.item(DEVICE, ({ state, serving }) => state === 'active' && serving?.version === 2)
  expect(await askAnomaly(agent.url)).toEqual({ version: 2, build: 'v2' })
  await back()
})

test(
  'a device rejects a version with the signature of another one, swapped in the database',
  deep('restarts the hub; packages/platform tests each wrong signature'),
  async () => {
    // Other golden cases make another version of the same model. The device would not try a version that it knows.
    expect(await pushBuild(fleet, 'v2', { goldenCases: 3 })).toMatchObject({ version: 3 })
    const sql = 'UPDATE versions SET bundle = (SELECT bundle FROM versions WHERE version = 2) WHERE version = 3'
    expect(await refusalOfChanged(3, { sql: [sql] })).toMatchObject({
      code: 'signature_mismatch',
      message: expect.stringContaining(`${MODEL}/2`),
    })
    await back()
  },
)

test(
  'a device rejects a version under another number than the signed one',
  deep('a variant of the signature of another version'),
  async () => {
    expect(await pushBuild(fleet, 'v2', { goldenCases: 4 })).toMatchObject({ version: 4 })
    const sql = ['versions', 'deployment_revisions'].map((table) => `UPDATE ${table} SET version = 9 WHERE version = 4`)
    expect(await refusalOfChanged(4, { sql, known: 9 })).toMatchObject({
      code: 'signature_mismatch',
      message: expect.stringContaining(`${MODEL}/4`),
    })
    await back()
  },
)

test('a device does not serve a file that was damaged on its disk, and fetches it again from the hub', async () => {
  await fleet.hub.end('SIGTERM')
  await agent.end('SIGKILL')
  await flipByte(blobPath(agent.data, modelDigest(v1)))
  await agent.start()
  await agent.logged('link_down')
  await expect(askAnomaly(agent.url)).rejects.toThrow()
  await fleet.hub.start()
  expect(await until('an answer', () => askAnomaly(agent.url))).toEqual(V1)
  expect(await fleet.item(DEVICE, ({ serving }) => serving !== undefined)).toMatchObject({ state: 'active' })
  expect(await agent.logged('file_fetched', ({ path }) => path === MODEL_PATH)).toMatchObject({ version: 1 })
})

test('the audit trail of these tests is complete', async () => {
  expect(await fleet.cli(['audit', 'verify'])).toMatchObject({ code: 0, err: '' })
})
