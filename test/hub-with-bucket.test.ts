/** Model files in a bucket, the whole way: real programs, a real S3 server, and a hub that is killed while a file arrives. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadBlob } from '@skerry/client/upload-blob'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { digestOf, hexOf } from '@skerry/platform/files/hash'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { S3_CREDENTIALS, type S3Server, startS3Server } from '../apps/hub/test/stage/servers/s3-server.ts'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../examples/stage/fleet.ts'

const DEVICE = 'press-1'
const signal = new AbortController().signal

let folder: string
let server: S3Server
let home: HubHome
let hub: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bucket-'))
  Object.assign(process.env, S3_CREDENTIALS)
  server = await startS3Server()
  home = { ...(await newHubHome(folder)), args: server.args }
  hub = await startHub(home)
  agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge', country: 'DE' }, device: DEVICE, folder })
})

afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const x = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] })

/** Three parts of an upload, and something. */
const bytes = new Uint8Array(
  writeModel(
    buildModel({
      inputs: [x('x')],
      outputs: [x('y')],
      nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }],
      metadata: { filling: 'x'.repeat(26_000_000) },
    }),
  ),
)

const readiness = async () => {
  const answer = await fetch(`${hub.url}/readyz`)
  return { status: answer.status, text: await answer.text() }
}

test(
  'a hub that is killed while a file arrives goes on where it was, and the device gets it',
  strict('the hub is killed while a part arrives'),
  async () => {
    const killed = Promise.withResolvers<void>()
    const isPart = (request: string) => request.startsWith('PUT') && request.includes('partNumber=')
    server.fault = () => {
      if (server.seen.filter(isPart).length < 2) return undefined
      server.fault = () => undefined
      killed.resolve(hub.kill())
      return 'stall'
    }
    const digest = digestOf(bytes)
    const source = (start: number) => new Blob([bytes.subarray(start)]).stream()
    // However long the hub takes to be back on a busy machine.
    const patient = { delayMs: () => 300, attemptsMax: Number.POSITIVE_INFINITY }
    const sending = uploadBlob(hub.connection, { digest, sizeBytes: bytes.length, source, ...patient }, signal)
    await killed.promise
    hub = await startHub(home)
    expect(await sending).toMatchObject({ done: true })
    // The second was on its way when the hub ended; the one before it was not sent again.
    const first = server.seen.filter((request) => isPart(request) && /partNumber=1(&|$)/.test(request))
    expect(first).toHaveLength(1)
    const stored = await readFile(server.fileOf(`sha256/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}`))
    expect(stored.equals(bytes)).toBe(true)

    const files = [{ path: 'model.onnx', digest }]
    expect(await hub.client.model.push({ model: 'relu', files })).toMatchObject({ created: true })
    await hub.client.deployment.apply({ name: 'relu', model: 'relu', probation: { seconds: 0 } })
    const serving = async () => {
      const { items } = await hub.client.device.get({ device: DEVICE })
      return items.find((item) => item.name === 'relu')?.serving?.version
    }
    await vi.waitFor(async () => expect(await serving()).toBe(1), { timeout: PATIENCE_MS, interval: 200 })
  },
)

test('a store that refuses is said to, and counted', async () => {
  server.fault = () => 403
  const refused = new TextEncoder().encode('refused')
  const source = () => new Blob([refused]).stream()
  const sending = uploadBlob(
    hub.connection,
    { digest: digestOf(refused), sizeBytes: refused.length, source, delayMs: () => 1, attemptsMax: 1 },
    signal,
  )
  await expect(sending).rejects.toMatchObject({ message: expect.stringContaining('credentials') })
  server.fault = () => undefined
  const headers = { authorization: `Bearer ${hub.connection.key}` }
  const metrics = await (await fetch(`${hub.url}/metrics`, { headers })).text()
  expect(metrics).toMatch(/^skerry_s3_failures_total\{operation="\w+",kind="refused"\} [1-9]/m)
})

test(
  'without its store a hub starts, says so, and is well again with it',
  deep('waits for a store that is away; apps/hub/test/base/s3-faults is quick'),
  async () => {
    await server.stop()
    await hub.stop()
    hub = await startHub(home)
    expect(await readiness()).toMatchObject({ status: 503, text: expect.stringContaining('blob store') })
    expect((await hub.client.device.get({ device: DEVICE })).name).toBe(DEVICE)
    await server.start()
    await vi.waitFor(async () => expect((await readiness()).status).toBe(200), { timeout: PATIENCE_MS, interval: 300 })
  },
)
