/** Golden check: runs the golden cases of a loaded version and compares the answers with the reference's. */
import type { Golden, GoldenCase, GoldenInputCase } from '@skerry/contract/devices/golden'
import type { Tensor } from '@skerry/contract/models/tensor'
import { caseText } from '@skerry/core/device/proof/difference-words'
import { compareGolden, type GoldenTensor } from '@skerry/core/device/proof/golden'
import type { GoldenResult } from '@skerry/inference/host/model-host'
import type { RunnerAnswer } from './runner-message.ts'

/** The first wrong case decides, and is named. The others are counted. */
export async function checkGolden(
  { cases, tolerance }: Golden,
  run: (cases: readonly GoldenInputCase[]) => Promise<GoldenResult>,
): Promise<RunnerAnswer> {
  const ran = await run(cases.map(({ inputs }) => ({ inputs })))
  if (!ran.ok) return ran
  const wrong = cases.flatMap(({ outputs }, index) => {
    const verdict = compareGolden(readOutputs(outputs), readOutputs(ran.outputs[index] ?? {}), tolerance)
    return verdict.ok ? [] : [{ ...verdict, case: index + 1 }]
  })
  const [first] = wrong
  if (!first) return { ok: true }
  const { case: place, message, ...verdict } = first
  const where = caseText({ case: place, cases: cases.length, casesDiffering: wrong.length })
  return { ...verdict, message: `${where}: ${message}` }
}

const readOutputs = (outputs: GoldenCase['outputs']): ReadonlyMap<string, GoldenTensor> =>
  new Map(Object.entries(outputs).map(([name, tensor]) => [name, read(tensor)]))

const read = ({ datatype, shape, data }: Tensor): GoldenTensor => ({
  datatype,
  shape,
  data: Buffer.from(data, 'base64'),
})
