/** Golden difference: where what a replay gave is not what it should give. Compared sink by sink, in the order of each. */

import type { Tolerance } from '@skerry/contract/devices/golden'
import type { FlowContent, FlowGolden, FlowOutput } from '@skerry/contract/flows/flow-recording'
import { type Detection, detectionsFrom } from './detections.ts'

export type FlowDifference = {
  sink: string
  /** Which of the outputs of the sink, from 0. */
  place: number
  expected: FlowOutput | undefined
  given: FlowOutput | undefined
}

/** Every place that differs, sinks in the order in which they spoke first. */
export function goldenDifferences({ tolerance, outputs }: FlowGolden, given: readonly FlowOutput[]): FlowDifference[] {
  const expected = bySink(outputs)
  const got = bySink(given)
  return [...new Set([...expected.keys(), ...got.keys()])].flatMap((sink) => {
    const a = expected.get(sink) ?? []
    const b = got.get(sink) ?? []
    return Array.from({ length: Math.max(a.length, b.length) }, (_, place) => ({
      sink,
      place,
      expected: a[place],
      given: b[place],
    })).filter((pair) => !isSame(pair.expected, pair.given, tolerance))
  })
}

function bySink(outputs: readonly FlowOutput[]): Map<string, FlowOutput[]> {
  const lists = new Map<string, FlowOutput[]>()
  for (const output of outputs) {
    const list = lists.get(output.sink)
    if (list) list.push(output)
    else lists.set(output.sink, [output])
  }
  return lists
}

/** Why something is not good is told in words that may change; that it is not good is compared, and the code. */
function isSame(a: FlowOutput | undefined, b: FlowOutput | undefined, tolerance: Tolerance): boolean {
  if (!a || !b || a.timeMs !== b.timeMs || a.quality !== b.quality) return false
  if ('cause' in a && 'cause' in b && a.cause.code !== b.cause.code) return false
  return a.quality === 'bad' || b.quality === 'bad' || isNear(a.value, b.value, tolerance)
}

function isNear(expected: FlowContent, given: FlowContent, tolerance: Tolerance): boolean {
  if (typeof expected === 'number' && typeof given === 'number') {
    return Math.abs(expected - given) <= tolerance.absolute + tolerance.relative * Math.abs(expected)
  }
  if (typeof expected === 'string' && typeof given === 'string') return isNearText(expected, given, tolerance)
  if (!Array.isArray(expected) || !Array.isArray(given)) return false
  return (
    expected.length === given.length && expected.every((value, at) => isNear(value, given[at] ?? Number.NaN, tolerance))
  )
}

/** Detections are a text, and their numbers those of a model. */
function isNearText(expected: string, given: string, tolerance: Tolerance): boolean {
  if (expected === given) return true
  const a = detectionsFrom(expected)
  const b = detectionsFrom(given)
  if (!a || !b || a.length !== b.length) return false
  return a.every((one, at) => {
    const other = b[at]
    return one.class === other?.class && isNear(numbersOf(one), numbersOf(other), tolerance)
  })
}

const numbersOf = ({ score, x, y, width, height }: Detection) => [score, x, y, width, height]
