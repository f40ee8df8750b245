/** Fake golden: the golden cases of the fake model, and the answers of its other version to them. */
import type { Golden } from '@skerry/contract/devices/golden'
import type { ComparedAnswers } from '@skerry/contract/models/model'
import { ANOMALY, ANOMALY_1 } from './fake-data.ts'

const floats = (shape: number[], ...values: number[]) => ({
  datatype: 'FP32' as const,
  shape,
  data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
})
const window = (value: number) => floats([1, 8, 2], ...Array.from({ length: 16 }, () => value))

export const FAKE_GOLDEN: Golden = {
  tolerance: { absolute: 1e-4, relative: 1e-3 },
  cases: [
    { inputs: { window: window(44) }, outputs: { score: floats([1, 1], 0.5) } },
    { inputs: { window: window(45) }, outputs: { score: floats([1, 1], 2) } },
  ],
}

/** The path of the golden file. */
export const FAKE_GOLDEN_PATH = `/v1/blobs/${encodeURIComponent(ANOMALY.files[0]?.digest ?? '')}`

/** The first answer is equal, and the second one is another. */
export const FAKE_ANSWERS: ComparedAnswers = {
  version: ANOMALY_1.version,
  inputsOf: ANOMALY.version,
  cases: [{ outputs: { score: floats([1, 1], 0.5) } }, { outputs: { score: floats([1, 1], 2.25) } }],
}
