/** Anomaly: the versions of the sensor model as tests push, deploy and ask them, and what each of them must answer. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from '@skerry/client/connection'
import { infer } from '@skerry/client/inference'
import { uploadBlob } from '@skerry/client/upload-blob'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { PushReply, PushRequest } from '@skerry/contract/models/model'
import { Digest } from '@skerry/contract/values/digest'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import type * as z from 'zod'
import type { Fleet } from './fleet.ts'

export const MODEL = 'sensor-anomaly'

/** `noise` loads and answers finite numbers, but never twice the same. */
export type Build = 'v1' | 'v2' | 'noise'

const FOLDER = join(import.meta.dirname, '../../../../examples/sensor-anomaly')

/** Where the model files are. */
export const FILES: Readonly<Record<Build, string>> = {
  v1: join(FOLDER, 'model-v1.onnx'),
  v2: join(FOLDER, 'model-v2.onnx'),
  noise: join(FOLDER, 'model-v3-noise.onnx'),
}

/** Made by a runtime that is not ours: see golden.py there. */
const golden = JSON.parse(await readFile(join(FOLDER, 'golden.json'), 'utf8')) as {
  window: number[][][]
  v1: number[][]
  v2: number[][]
}

const SHAPE = [8, 2]
const windows = golden.window.map((window) => window.flat())

const floats = (values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer).toString('base64')

/** The first so many of the sixteen windows. */
const goldenOf = (cases: number): z.input<typeof GoldenInputs> => ({
  tolerance: { absolute: 1e-4, relative: 1e-4 },
  cases: windows.slice(0, cases).map((values) => ({
    inputs: { window: { datatype: 'FP32', shape: [1, ...SHAPE], data: floats(values) } },
  })),
})

type Push = { bytes: Uint8Array<ArrayBuffer> } & Omit<z.input<typeof PushRequest>, 'files'>

/** Uploads a file and makes it the model's next version. */
export async function pushBytes({ hub }: Fleet, { bytes, ...about }: Push): Promise<PushReply> {
  const digest = await upload(hub.connection, bytes)
  return hub.client.model.push({ ...about, files: [{ path: MODEL_PATH, digest }] })
}

/** Pushes one of the sensor model's builds. */
export async function pushBuild(
  fleet: Fleet,
  build: Build,
  { goldenCases = windows.length } = {},
): Promise<PushReply['version']> {
  const bytes = new Uint8Array(await readFile(FILES[build]))
  const { version } = await pushBytes(fleet, { model: MODEL, bytes, golden: goldenOf(goldenCases) })
  return version
}

async function upload(connection: Connection, bytes: Uint8Array<ArrayBuffer>): Promise<Digest> {
  const digest = Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  const source = (startBytes: number) => new Blob([bytes.subarray(startBytes)]).stream()
  const blob = { digest, sizeBytes: bytes.length, source, delayMs: () => 200 }
  await uploadBlob(connection, blob, AbortSignal.timeout(PATIENCE_MS))
  return digest
}

/** Declares that every device shall run the version; at once, and on the shortest probation, where nothing else is said. */
export async function deploy({ hub }: Fleet, version: number, spec: Partial<z.input<typeof DeploymentSpec>> = {}) {
  const wish = { name: MODEL, model: MODEL, version: String(version), probation: { seconds: 0 }, ...spec }
  // Only another selector takes the model from devices, as the test means it to.
  const plan = spec.selector === undefined ? undefined : await hub.client.deployment.plan(wish)
  const { deployment } = await hub.client.deployment.apply({ ...wish, acknowledgedLeaves: plan?.leaves.digest })
  return deployment
}

export type Answer = { version: number; build: Exclude<Build, 'noise'> | 'neither' }

/** [golden.json] Scores are up to some hundreds, so that the tolerance of the golden cases is meant relatively too. */
const isNear = (found: number, expected: number) => Math.abs(found - expected) <= 1e-4 + 1e-4 * Math.abs(expected)

/** Sends all sixteen windows as one request, and says whose answer came. */
export async function askAnomaly(url: string, signal = AbortSignal.timeout(60_000)): Promise<Answer> {
  const inputs = [
    { name: 'window', datatype: 'FP32' as const, shape: [windows.length, ...SHAPE], data: windows.flat() },
  ]
  const reply = await infer({ url, model: MODEL }, inputs, signal)
  const scores = (reply.outputs[0]?.data ?? []) as number[]
  const fits = (build: 'v1' | 'v2') =>
    scores.length === windows.length && scores.every((score, index) => isNear(score, golden[build][index]?.[0] ?? NaN))
  return { version: Number(reply.model_version), build: fits('v1') ? 'v1' : fits('v2') ? 'v2' : 'neither' }
}
