/** Model of the benchmark: a small network of eight inputs, pushed with its profile, and asked as fast as it answers. */
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import type { AgentProgram, HubProgram } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { until } from '../../examples/stage/wait.ts'
import { COLUMNS, rowValues } from './monitor-profile.ts'

export const MODEL = 'bench'
export const ROWS = 16

const bytesOf = (weight: number) =>
  writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, COLUMNS] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
      initialisers: [float32Tensor('w', [COLUMNS, 1], new Float32Array(COLUMNS).fill(weight))],
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    }),
  )

/** Pushes a new version with its profile, and deploys it. */
export async function deployNext(hub: HubProgram, weight: number): Promise<void> {
  const inputs = { x: floatTensor([500, COLUMNS], rowValues(500)) }
  const { version } = await pushModel(hub, { name: MODEL, bytes: bytesOf(weight), golden: { cases: [{ inputs }] } })
  const { client } = hub
  await client.profile.make({ name: MODEL, version: String(version.version) })
  await client.deployment.apply({ name: MODEL, deployable: MODEL, probation: { seconds: 0 } })
  const isDone = async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'done' || undefined
  await until('the model on the device', isDone, new AbortController().signal)
}

const bodyOf = (shift: number) =>
  JSON.stringify({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [ROWS, COLUMNS], data: [...rowValues(ROWS, shift)] }],
  })

/** Requests one after the other for this time. Returns their number. */
export async function askFor(agent: AgentProgram, ms: number, shift = 0): Promise<number> {
  const body = bodyOf(shift)
  const endMs = performance.now() + ms
  let count = 0
  for (; performance.now() < endMs; count++) await ask(agent, body)
  return count
}

/** So many requests, one after the other. */
export async function askTimes(agent: AgentProgram, times: number): Promise<void> {
  const body = bodyOf(0)
  for (let at = 0; at < times; at++) await ask(agent, body)
}

async function ask({ restUrl }: AgentProgram, body: string): Promise<void> {
  const answer = await fetch(`${restUrl}/v2/models/${MODEL}/infer`, { method: 'POST', body })
  await answer.arrayBuffer()
}
