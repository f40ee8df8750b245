/** Shipment: pushes a model with its golden inputs, and rolls it out canary first. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from '@skerry/client/connection'
import { uploadBlob } from '@skerry/client/upload-blob'
import { Digest } from '@skerry/contract/digest'
import type { GoldenInputs } from '@skerry/contract/golden'
import type { PushReply } from '@skerry/contract/model'
import type { Rollout } from '@skerry/contract/rollout'
import type * as z from 'zod'
import type { HubProgram } from './fleet.ts'
import { CANARY } from './places.ts'
import { SENSOR_FOLDER, WINDOW_SHAPE } from './readings.ts'

export const MODEL = 'sensor-anomaly'

/** The versions of this story. Thresholds are about three times the scores that all but one in 200 normal windows stay below. */
export const shipments = {
  first: { file: 'model-v1.onnx', threshold: 22 },
  better: { file: 'model-v2.onnx', threshold: 6 },
  broken: { file: 'model-v3-noise.onnx', threshold: 6 },
} as const
export type Shipment = (typeof shipments)[keyof typeof shipments]

/** Uploads the file and makes it the model's next version. The threshold goes along as a label, because it belongs to the version. */
export async function push({ client, connection }: HubProgram, { file, threshold }: Shipment): Promise<PushReply> {
  const bytes = await readFile(join(SENSOR_FOLDER, file))
  const signal = AbortSignal.timeout(60_000)
  const digest = await upload(connection, bytes, signal)
  return client.model.push(
    {
      model: MODEL,
      files: [{ path: 'model.onnx', digest }],
      golden: await goldenInputs(),
      labels: { 'alarm-threshold': String(threshold) },
    },
    { signal },
  )
}

async function upload(connection: Connection, bytes: Uint8Array, signal: AbortSignal): Promise<Digest> {
  const digest = Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  const source = (startBytes: number) => new Blob([Buffer.from(bytes.subarray(startBytes))]).stream()
  await uploadBlob(connection, { digest, sizeBytes: bytes.length, source, delayMs: () => 500 }, signal)
  return digest
}

/** Sixteen real windows. The hub runs them and stores the outputs; every device must give the same ones. */
async function goldenInputs(): Promise<z.input<typeof GoldenInputs>> {
  const { window } = JSON.parse(await readFile(join(SENSOR_FOLDER, 'golden.json'), 'utf8')) as { window: number[][][] }
  const cases = window.map((readings) => {
    const data = Buffer.from(Float32Array.from(readings.flat()).buffer).toString('base64')
    return { inputs: { window: { datatype: 'FP32' as const, shape: WINDOW_SHAPE, data } } }
  })
  return { tolerance: { absolute: 1e-4, relative: 1e-4 }, cases }
}

/** Declares that all devices shall run the version: the canary first, and all the way back if it fails there. */
export async function deploy({ client }: HubProgram, version: number): Promise<Rollout> {
  const { deployment } = await client.deployment.apply({
    name: MODEL,
    model: MODEL,
    version: String(version),
    strategy: {
      waves: [{ name: 'canary', selector: `site.name == "${CANARY}"`, soakSeconds: 2 }],
      onFailure: 'rollback-all',
    },
    probation: { seconds: 2 },
  })
  return client.rollout.get({ rollout: deployment.rolloutId })
}
