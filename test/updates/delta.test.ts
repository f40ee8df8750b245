import { createHash } from 'node:crypto'
import { infer } from '@skerry/client/inference'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, test } from 'vitest'
import { deploy, pushBytes } from '../../apps/cli/test/stage/anomaly.ts'
import { openFleet } from '../../apps/cli/test/stage/fleet.ts'

const MODEL = 'wide'
const ROWS = 256
const COLUMNS = 4_096
const HEAD = 16

/** Numbers without a pattern in [-1, 1), the same in each run. */
function noise(label: string, count: number): Uint8Array {
  const values = new Float32Array(count)
  for (let at = 0; at < count; at += 8) {
    const hash = createHash('sha256').update(`${label} ${at}`).digest()
    for (let index = 0; index < 8 && at + index < count; index++) {
      values[at + index] = hash.readInt32LE(4 * index) / 2 ** 31
    }
  }
  return new Uint8Array(values.buffer)
}

/** y = (x body) head: 4 MB of body that stay the same, and a head that was tuned. */
function tunedModel(head: string): Uint8Array<ArrayBuffer> {
  const model = buildModel({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, ROWS] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, HEAD] }],
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'body'], outputs: ['z'] },
      { operator: 'MatMul', inputs: ['z', 'head'], outputs: ['y'] },
    ],
    initialisers: [
      { name: 'head', datatype: 'FP32', shape: [COLUMNS, HEAD], data: noise(head, COLUMNS * HEAD) },
      { name: 'body', datatype: 'FP32', shape: [ROWS, COLUMNS], data: noise('body', ROWS * COLUMNS) },
    ],
  })
  return new Uint8Array(writeModel(model))
}

test('a model with a tuned head moves little more than the head, as the plan says, and serves it', async () => {
  await using fleet = await openFleet()
  const agent = await fleet.join('gateway')
  const first = tunedModel('head 1')
  const headBytes = COLUMNS * HEAD * 4
  await pushBytes(fleet, { name: MODEL, bytes: first })
  await deploy(fleet, 1, { name: MODEL, deployable: MODEL })
  await fleet.item('gateway', ({ state, serving }) => state === 'active' && serving?.version === 1)

  await pushBytes(fleet, { name: MODEL, bytes: tunedModel('head 2') })
  const spec = { name: MODEL, deployable: MODEL, version: '2', selector: 'true' }
  const plan = await fleet.hub.client.deployment.plan(spec)
  expect(plan.bytesPerDevice).toBe(first.length)
  expect(plan.bytes).toBeGreaterThan(headBytes)
  expect(plan.bytes).toBeLessThan(headBytes * 1.2)
  await deploy(fleet, 2, { name: MODEL, deployable: MODEL })
  const fetched = await agent.logged('delta_fetched', ({ copiedBytes }) => Number(copiedBytes) > 0)
  expect(fetched.receivedBytes).toBeLessThanOrEqual(plan.bytes)
  expect(fetched.receivedBytes).toBeGreaterThan(headBytes * 0.8)
  expect(Number(fetched.copiedBytes)).toBeGreaterThan(ROWS * COLUMNS * 4)
  expect(fetched.reference).toEqual({ digest: `sha256:${createHash('sha256').update(first).digest('hex')}` })
  await fleet.item('gateway', ({ state, serving }) => state === 'active' && serving?.version === 2)
  expect(await answer(agent.url)).toBeCloseTo(expected('head 2'), 2)
})

/** The first value of y for an x of ones. */
async function answer(url: string): Promise<number> {
  const x = { name: 'x', datatype: 'FP32' as const, shape: [1, ROWS], data: Array.from({ length: ROWS }, () => 1) }
  const { outputs } = await infer({ url, model: MODEL }, [x], AbortSignal.timeout(PATIENCE_MS))
  return Number(outputs[0]?.data[0])
}

function expected(head: string): number {
  const body = new Float32Array(noise('body', ROWS * COLUMNS).buffer)
  const tuned = new Float32Array(noise(head, COLUMNS * HEAD).buffer)
  let sum = 0
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      sum += (body[row * COLUMNS + column] ?? 0) * (tuned[column * HEAD] ?? 0)
    }
  }
  return sum
}
