/** Shipment: pushes a model with its golden inputs, and rolls it out canary first. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import type { PushReply } from '@skerry/contract/models/model'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import type * as z from 'zod'
import type { HubProgram } from '../stage/fleet.ts'
import { floatTensor, pushModel } from '../stage/push.ts'
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

/** The threshold goes along as a label, because it belongs to the version. */
export async function push(hub: HubProgram, { file, threshold }: Shipment): Promise<PushReply> {
  return pushModel(hub, {
    model: MODEL,
    bytes: await readFile(join(SENSOR_FOLDER, file)),
    golden: await goldenInputs(),
    labels: { 'alarm-threshold': String(threshold) },
  })
}

/** Sixteen real windows. The hub runs them and stores the outputs; every device must give the same ones. */
async function goldenInputs(): Promise<z.input<typeof GoldenInputs>> {
  const { window } = JSON.parse(await readFile(join(SENSOR_FOLDER, 'golden.json'), 'utf8')) as { window: number[][][] }
  const cases = window.map((readings) => ({ inputs: { window: floatTensor(WINDOW_SHAPE, readings.flat()) } }))
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
