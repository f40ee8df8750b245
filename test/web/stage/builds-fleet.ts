/** Web builds fleet: a hub with a small network of vision and its golden cases, and a model without any. */
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import type { RangesReport, TensorRanges } from '@skerry/contract/builds/device-ranges'
import type { BenchReport } from '@skerry/contract/builds/measurement'
import type { ItemReport } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import { DeploymentId } from '@skerry/contract/values/ids'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { type BatchDevice, followJobs } from '../../../apps/hub/test/stage/batch-device.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { INVENTORY, joinDevice, openLink, reportOf } from '../../../apps/hub/test/stage/test-device.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'

export const EYE = 'eye'
/** A model that the hub cannot optimise, because it has no golden cases. */
export const BARE = 'bare'

export async function openBuildsFleet(): Promise<TestHub> {
  const hub = await startTestHub()
  const golden = { cases: [1, 2, 3, 4, 5, 6, 7, 8].map(image) }
  const { status, text } = await push(hub, EYE, eye, { golden })
  if (status !== 200) throw new Error(text)
  await push(hub, BARE, modelBytes(unary('Neg')))
  return hub
}

/** A device that measures as its hardware would, and the name of its class. */
export async function joinMeter(hub: TestHub): Promise<BatchDevice> {
  const hardware = { instructions: ['avx2' as const, 'vnni' as const], accelerators: [] }
  const device = await joinDevice(hub, { name: 'press-1' })
  return followJobs(hub, device, ['bench-model'], { inventory: { ...INVENTORY, hardware } })
}
/** A device that has captured rows, and computes ranges from them. */
export const joinLine = async (hub: TestHub): Promise<BatchDevice> =>
  followJobs(hub, await joinDevice(hub, { name: 'line-1' }), ['calibrate-model'])

/** As a device would report of the tensors of the network. */
export function rangesOf(rows: number): RangesReport {
  const bounds = (low: number, high: number): TensorRanges[string] => [
    [low, high],
    [low, high],
    [low, high],
  ]
  const ranges = { x: bounds(-0.5, 0.5), c: bounds(-3, 3), r: bounds(0, 3), p: bounds(0, 1), f: bounds(0, 1) }
  return { agent: '0.1.0', rows, leftOut: 0, ranges: { ...ranges, y: bounds(-3, 3) } }
}

/** A device that serves the version itself, with this p95. */
export async function serveSlowly(hub: TestHub, p95Us: number): Promise<void> {
  const { body } = await hub.ask<{ digest: Digest }>('GET', `/v1/models/${EYE}/versions/1`)
  const held = { version: 1, digest: body.digest }
  const item: ItemReport = {
    kind: 'model',
    name: EYE,
    deploymentId: DeploymentId.parse('dep_aaaaaaaaaaaaaaaa'),
    target: { revision: 1, retryToken: 0, ...held },
    state: 'active',
    sinceMs: Date.now(),
    serving: held,
    stats: { requests: 500, failures: 0, p50Us: 2_000, p95Us, p99Us: 2 * p95Us },
  }
  using link = await openLink(hub, await joinDevice(hub, { name: 'slow-1' }))
  await link.client.report(reportOf({ items: [item] }))
}

export const METER_CLASS = `${INVENTORY.arch}-vnni-${INVENTORY.cpuCount}c`

/** The report on a command: every build is this many times as fast as the version, or gives wrong answers. */
export function reportOn({ candidates }: BenchCommand, speeds: ReadonlyMap<string, number>): BenchReport {
  return {
    hardwareClass: METER_CLASS,
    agent: '0.1.0',
    runtime: 'onnxruntime 1.30',
    threads: 1,
    ended: 'separated',
    candidates: candidates.map(({ build, digest }) => {
      const speed = build === undefined ? 1 : speeds.get(build)
      if (speed === undefined)
        return { ...(build && { build }), digest, problem: { code: 'wrong', message: 'output y differs by 0.7' } }
      const timing = { n: 200, p50Ms: 8 / speed, p95Ms: 9 / speed, peakBytes: Math.round(60_000_000 / speed) }
      const ratio = { low: speed * 0.97, middle: speed, high: speed * 1.03 }
      return { ...(build && { build }), digest, timing: { ...timing, ...(build && { speed: ratio }) } }
    }),
  }
}

const noise = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(index * 12.9898 + seed) * 0.5)

/** A convolution, an activation, and a classifier of 128 classes. */
const eye = writeModel(
  buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 16, 16] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 128] }],
    initialisers: [
      float32Tensor('w', [64, 3, 3, 3], noise(64 * 27, 1)),
      float32Tensor('m', [64, 128], noise(64 * 128, 3)),
    ],
    nodes: [
      { operator: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
      { operator: 'Relu', inputs: ['c'], outputs: ['r'] },
      { operator: 'GlobalAveragePool', inputs: ['r'], outputs: ['p'] },
      { operator: 'Flatten', inputs: ['p'], outputs: ['f'] },
      { operator: 'MatMul', inputs: ['f', 'm'], outputs: ['y'] },
    ],
  }),
)

/** A golden case, or a row, of the network. */
export const image = (seed: number) => ({
  inputs: {
    x: { datatype: 'FP32', shape: [1, 3, 16, 16], data: Buffer.from(noise(768, seed).buffer).toString('base64') },
  },
})
