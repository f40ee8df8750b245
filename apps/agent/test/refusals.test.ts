import { chmod, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { beforeAll, expect, test } from 'vitest'
import { type AgentProcess, startAgent, temporaryFolder } from './stage/agent-process.ts'
import { type FakeHub, type FakeVersion, startFakeHub } from './stage/fake-hub.ts'
import { infer, timesFiles, timesGolden, timesModel } from './stage/models.ts'

let hub: FakeHub
let rest: string
let data: string

/** One device that serves a good version. Every rejected version must leave it unchanged. */
async function serveGoodVersion(): Promise<AgentProcess> {
  hub = await startFakeHub()
  data = await temporaryFolder()
  // As a folder that a person created manually, or an earlier agent.
  await chmod(data, 0o755)
  const agent = startAgent(data, '--join', hub.token)
  rest = await agent.rest()
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  return agent
}

let next = 2
const newVersion = (): Pick<FakeVersion, 'version'> => ({ version: next++ })

/** Offers the version, and resolves with the device's report after the rejection. */
async function refused(version: FakeVersion) {
  hub.desire(hub.publish(version))
  const item = await hub.item('m', (one) => one.target.version === version.version && one.state === 'failed')
  expect(item.serving, 'the good version goes on serving').toMatchObject({ version: 1 })
  expect(await infer(rest)).toEqual({ status: 200, version: '1', value: 2 })
  return item.cause
}

beforeAll(async () => {
  const agent = await serveGoodVersion()
  return async () => {
    await agent.kill()
    await hub[Symbol.asyncDispose]()
  }
})

test('all files of the agent and its runner are readable by their own user only', async () => {
  const entries = (await readdir(data, { recursive: true })).map((name) => join(data, name))
  expect(entries.length).toBeGreaterThan(5)
  for (const entry of [data, ...entries]) {
    // A file that the agent replaces at this moment may be gone.
    const found = await stat(entry).catch(() => undefined)
    if (found) expect(found.mode & 0o077, entry).toBe(0)
  }
})

test('rejects a signature by a key that the device does not trust', async () => {
  const version = { ...newVersion(), files: timesFiles(3), signedBy: generateKeyPair() }
  expect(await refused(version)).toMatchObject({ code: 'signature_untrusted' })
})

test('rejects a good signature of another version, and of another model', async () => {
  expect(await refused({ ...newVersion(), files: timesFiles(20), signedAs: 'm/1' })).toMatchObject({
    code: 'signature_mismatch',
    message: expect.stringContaining('the signature is for m/1'),
  })
  const stranger = newVersion()
  expect(await refused({ ...stranger, files: timesFiles(21), signedAs: `other/${stranger.version}` })).toMatchObject({
    code: 'signature_mismatch',
  })
})

test('rejects a file that was not signed, a changed signature, and a digest of other files', async () => {
  const { version } = newVersion()
  const [mine, other] = [22, 23].map((factor) => hub.publish({ version, files: timesFiles(factor) }))
  if (!mine || !other) throw new Error('nothing was published')
  const refusedItem = async (item: typeof mine) => {
    hub.desire(item)
    const told = await hub.item('m', ({ target, state }) => target.digest === item.digest && state === 'failed')
    expect(await infer(rest)).toMatchObject({ value: 2 })
    return told.cause
  }
  expect(await refusedItem({ ...mine, bundle: other.bundle })).toMatchObject({ code: 'signature_mismatch' })
  const [signature] = mine.bundle.dsseEnvelope.signatures
  const flipped = Buffer.from(signature?.sig ?? '', 'base64')
  flipped[20] = (flipped[20] ?? 0) ^ 1
  const bundle = structuredClone(other.bundle)
  bundle.dsseEnvelope.signatures = [{ sig: flipped.toString('base64') }]
  expect(await refusedItem({ ...other, bundle })).toMatchObject({ code: 'signature_invalid' })
  const wrong = hub.publish({ version, files: timesFiles(5) })
  expect(await refusedItem({ ...wrong, files: mine.files })).toMatchObject({ code: 'version_damaged' })
})

test('rejects files that are cut short, and files with other bytes', async () => {
  const liar = (change: (bytes: Buffer) => Buffer) => {
    hub.answers.blob = (_, bytes) => change(Buffer.from(bytes))
  }
  liar((bytes) => bytes.subarray(0, bytes.length - 1))
  expect(await refused({ ...newVersion(), files: timesFiles(6) })).toMatchObject({ code: 'response_malformed' })
  liar((bytes) => {
    bytes[10] = (bytes[10] ?? 0) ^ 255
    return bytes
  })
  expect(await refused({ ...newVersion(), files: timesFiles(7) })).toMatchObject({ code: 'blob_damaged' })
  hub.answers.blob = () => undefined
  expect(await refused({ ...newVersion(), files: timesFiles(8) })).toMatchObject({ code: 'blob_unknown' })
  delete hub.answers.blob
})

test('rejects a file that is no model', async () => {
  const files = { 'model.onnx': 'this is not a model', 'golden.json': timesGolden(2) }
  expect(await refused({ ...newVersion(), files })).toMatchObject({ code: 'model_load_failed' })
  expect(await refused({ ...newVersion(), files: { 'weights.bin': 'x' } })).toMatchObject({
    code: 'format_unsupported',
  })
})

test('rejects numbers that differ from the reference, and NaN, and names output and index', async () => {
  const files = { 'model.onnx': timesModel(3), 'golden.json': timesGolden(2) }
  expect(await refused({ ...newVersion(), files })).toEqual({
    code: 'golden_mismatch',
    message: expect.stringMatching(/^golden case 1 of 1: output y\[1\] is 6, expected 4 \(largest difference 2,/),
  })
  const nan = { 'model.onnx': timesModel(Number.NaN), 'golden.json': timesGolden(2) }
  expect(await refused({ ...newVersion(), files: nan })).toMatchObject({
    code: 'golden_not_finite',
    message: expect.stringContaining('output y[0] is NaN, expected 2'),
  })
})

test('a failed version is not tried again until the retry token rises', async () => {
  const files = { 'model.onnx': timesModel(11), 'golden.json': timesGolden(2) }
  const version = { ...newVersion(), files }
  await refused(version)
  const asked = hub.downloads.length
  const { generation } = hub.desire(hub.publish({ ...version, serving: { queueMax: 3 } }))
  await hub.reported('the same again', ({ observedGeneration }) => observedGeneration === generation)
  expect(await hub.item('m', ({ state }) => state === 'failed')).toMatchObject({ cause: { code: 'golden_mismatch' } })
  hub.desire(hub.publish({ ...version, retryToken: 1, files: timesFiles(12) }))
  const item = await hub.item('m', ({ state, target }) => state === 'active' && target.retryToken === 1)
  expect(item.serving).toMatchObject({ version: version.version })
  expect(hub.downloads.length).toBeGreaterThan(asked)
})
