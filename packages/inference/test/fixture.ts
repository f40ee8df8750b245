/** What this package's tests share: its tiny models, tensors and settings. */
import { fileURLToPath } from 'node:url'
import type { Serving } from '@skerry/contract/models/serving'
import { until } from '@skerry/testkit/until'
import { createModelHost, type ModelHost } from '../src/host/model-host.ts'
import type { RawTensor } from '../src/host/raw-tensor.ts'

/** The path of a model that test-data/make.py made. */
export const testModel = (name: string) => fileURLToPath(new URL(`../test-data/${name}.onnx`, import.meta.url))

export const settings: Serving = {
  instances: 1,
  threads: 1,
  spin: false,
  queueMax: 256,
  deadlineMs: 30_000,
  maxBatch: 1,
  maxDelayMs: 0,
  warmUpRuns: 0,
  isolation: 'shared',
  onCrash: 'isolate',
}

/** A signal that never fires. */
export const never = () => new AbortController().signal

export const newHost = () => createModelHost({ clock: { nowMs: () => 1_234 } })

/** Loads a test model into a slot of its name and version, and lets it serve. */
export async function serve(
  host: ModelHost,
  name: string,
  options: Partial<Serving> & { version?: string; as?: string } = {},
) {
  const { version = '1', as = name, ...changed } = options
  const slot = `${name}@${version}`
  const loaded = await host.load({
    slot,
    modelPath: testModel(name),
    settings: { ...settings, ...changed },
    signal: never(),
  })
  if (!loaded.ok) throw new Error(loaded.message)
  host.activate({ name: as, version, slot })
  return slot
}

export const float32 = (name: string, shape: number[], values: number[]): RawTensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
})

export const int64 = (name: string, shape: number[], values: bigint[]): RawTensor => ({
  name,
  datatype: 'INT64',
  shape,
  data: new Uint8Array(BigInt64Array.from(values).buffer),
})

/** The values of an FP32 tensor. */
export const floats = ({ data }: RawTensor) => [...new Float32Array(data.slice().buffer)]

/** A run of the spin model that keeps its worker busy for about as many microseconds. */
export const spin = (steps: number) => ({ inputs: [int64('steps', [1], [BigInt(steps)])] })

/** Keeps the spin model's queue full until it is told to stop; then everything is answered. */
export function stoke(host: ModelHost): () => Promise<void> {
  let isOn = true
  const fire = (async () => {
    while (isOn) {
      void host.infer('spin', undefined, spin(20_000), never())
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  return async () => {
    isOn = false
    await fire
    await until(() => host.stats().every(({ pending }) => pending === 0), { seen: () => host.stats() })
  }
}
