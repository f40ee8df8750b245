/** Answer comparison: whether two versions gave the same answer to one request. A large one is compared in parts, between other work. */
import { setImmediate as yieldThread } from 'node:timers/promises'
import type { Tolerance } from '@skerry/contract/devices/golden'
import { type Datatype, ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { measureNumbers } from '@skerry/core/device/proof/golden'
import { elementReader } from '@skerry/core/tensors/tensor-elements'
import type { RawTensor } from './raw-tensor.ts'

export type AnswerVerdict = { isMatch: boolean; maxDifference: number }

/** About 0.3 ms of comparing: the thread that answers requests must not be held up for longer. */
const ELEMENTS_AT_ONCE = 16_384

const EXACTLY: Tolerance = { absolute: 0, relative: 0 }

/** Every tensor that is expected must be there, in the same form and within the tolerance; others are ignored. */
export async function compareAnswers(
  expected: readonly RawTensor[],
  actual: readonly RawTensor[],
  tolerance: Tolerance,
): Promise<AnswerVerdict> {
  const answer: AnswerVerdict = { isMatch: true, maxDifference: 0 }
  for (const wanted of expected) {
    const got = actual.find(({ name }) => name === wanted.name)
    const { isMatch, maxDifference } = got ? await compareTensors(wanted, got, tolerance) : MISSING
    answer.isMatch &&= isMatch
    answer.maxDifference = Math.max(answer.maxDifference, maxDifference)
  }
  return answer
}

const MISSING: AnswerVerdict = { isMatch: false, maxDifference: 0 }

async function compareTensors(wanted: RawTensor, got: RawTensor, tolerance: Tolerance): Promise<AnswerVerdict> {
  const { datatype } = wanted
  if (got.datatype !== datatype || got.shape.join() !== wanted.shape.join()) return MISSING
  if (Buffer.compare(wanted.data, got.data) === 0) return { isMatch: true, maxDifference: 0 }
  return datatype === 'BYTES' ? MISSING : compareNumbers(wanted, got, tolerance, datatype)
}

async function compareNumbers(
  wanted: RawTensor,
  got: RawTensor,
  tolerance: Tolerance,
  datatype: Exclude<Datatype, 'BYTES'>,
): Promise<AnswerVerdict> {
  const readers = { wantedAt: elementReader(datatype, wanted.data), gotAt: elementReader(datatype, got.data) }
  const count = wanted.data.byteLength / ELEMENT_BYTES[datatype]
  const verdict: AnswerVerdict = { isMatch: true, maxDifference: 0 }
  for (let from = 0; from < count; from += ELEMENTS_AT_ONCE) {
    if (from > 0) await yieldThread()
    const to = Math.min(count, from + ELEMENTS_AT_ONCE)
    const { wrong, largest } = measureNumbers(readers, datatype === 'BOOL' ? EXACTLY : tolerance, { from, to })
    verdict.isMatch &&= wrong === 0
    verdict.maxDifference = Math.max(verdict.maxDifference, largest)
  }
  return verdict
}
