/** @module-tag deep Waits for 42 MB over a slow line; apps/agent/test/fetching goes on from the byte where a kill left it. */
import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { infer } from '@skerry/client/inference'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, test } from 'vitest'
import { deploy, pushBytes } from './stage/anomaly.ts'
import { type FleetAgent, openFleet } from './stage/fleet.ts'
import { until } from './stage/service.ts'
import { openSlowLine, type SlowLine } from './stage/slow-line.ts'

const MODEL = 'wide'
const ROWS = 1024
const COLUMNS = 10_240
const MODEL_BYTES_MIN = ROWS * COLUMNS * 4

/**
 * y = x w, with 42 MB of w: 31 random bits of each number, so that the hub does not compress them. The first column is
 * w[i, 0] = i % 7.
 */
function wideModel(): Uint8Array<ArrayBuffer> {
  const bits = new Uint32Array(randomBytes(4 * ROWS * COLUMNS).buffer)
  // Without the highest bit of the exponent, each number is finite, and below 2.
  for (let index = 0; index < bits.length; index++) bits[index] = (bits[index] ?? 0) & 0xbfffffff
  const weights = new Float32Array(bits.buffer)
  for (let row = 0; row < ROWS; row++) weights[row * COLUMNS] = row % 7
  const model = buildModel({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, ROWS] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, COLUMNS] }],
    nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    initialisers: [{ name: 'w', datatype: 'FP32', shape: [ROWS, COLUMNS], data: new Uint8Array(weights.buffer) }],
  })
  return new Uint8Array(writeModel(model))
}

/** The number of bytes of the model on the device's disk. */
async function partBytes({ data }: FleetAgent): Promise<number> {
  const folder = join(data, 'blobs/parts')
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size))
  return Math.max(0, ...sizes)
}

/** Handshakes, headers, and the bytes on their way to a process that died. */
const SLACK_BYTES = 512 * 1024

test('two devices that are killed in the middle of 42 MB fetch only their missing bytes', async () => {
  await using fleet = await openFleet()
  await fleet.hub.client.site.apply({ name: 'lab', kind: 'edge' })
  const { token } = await fleet.hub.client.token.create({ site: 'lab', usesMax: 2 })
  await using first = await openSlowLine(fleet.hub.url)
  await using second = await openSlowLine(fleet.hub.url)
  const places: { line: SlowLine; agent: FleetAgent; holdAfter: number }[] = []
  for (const [line, name, holdAfter] of [
    [first, 'gateway-1', 11_000_000],
    [second, 'gateway-2', 29_000_000],
  ] as const) {
    const agent = await fleet.newAgent(name, line.tokenThrough(token))
    await agent.start()
    await agent.logged('link_up')
    line.holdAfter(holdAfter)
    places.push({ line, agent, holdAfter })
  }
  const bytes = wideModel()
  expect(bytes.length).toBeGreaterThan(MODEL_BYTES_MIN)
  await pushBytes(fleet, { name: MODEL, bytes })
  await deploy(fleet, 1, { name: MODEL, deployable: MODEL })

  const kept = new Map<string, number>()
  for (const { line, agent, holdAfter } of places) {
    const isStill = async () => (line.held() === 1 && (await partBytes(agent)) > holdAfter - SLACK_BYTES) || undefined
    await until('a transfer that stands still', isStill)
    await agent.end('SIGKILL')
    kept.set(agent.name, await partBytes(agent))
    expect(await partBytes(agent)).toBeLessThan(bytes.length)
  }
  for (const { line, agent } of places) {
    const before = line.fileBytes()
    line.holdAfter(undefined)
    await agent.start()
    const lacked = bytes.length - (kept.get(agent.name) ?? 0)
    expect(await agent.logged('file_fetched')).toMatchObject({ path: 'model.onnx', receivedBytes: lacked })
    await fleet.item(agent.name, ({ state }) => state === 'active')
    expect(line.fileBytes() - before).toBeLessThan(lacked + SLACK_BYTES)
    expect(await sumOfFirstColumn(agent.url)).toBe(expectedSum())
  }
})

async function sumOfFirstColumn(url: string): Promise<unknown> {
  const x = { name: 'x', datatype: 'FP32' as const, shape: [1, ROWS], data: Array.from({ length: ROWS }, () => 1) }
  const { outputs } = await infer({ url, model: MODEL }, [x], AbortSignal.timeout(PATIENCE_MS))
  return outputs[0]?.data[0]
}

/** The sum of i % 7 over all rows. The values are whole numbers, so floats are exact. */
const expectedSum = () => Array.from({ length: ROWS }, (_, row) => row % 7).reduce((sum, value) => sum + value, 0)
