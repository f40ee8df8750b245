/** Seen value: what a signal says, in as few words as a person reads who watches it. */
import { SEEN_NUMBERS_MAX, SEEN_TEXT_MAX, type SeenValue } from '@skerry/contract/flows/flow-look'
import type { FlowContent, FlowOutput } from '@skerry/contract/flows/flow-recording'
import { isDetections, QUALITY, type Signal, type WindowContent } from './signal.ts'
import { detectionsText } from './tensors/detections.ts'

type Shown = { value: FlowContent; omitted?: number }

const UNKNOWN = 'cause_unknown'
const CAUSE_MAX = 64

/** A copy: the signal goes on. */
export function seenOf({ quality, number, other, cause, timeMs: atMs }: Signal): SeenValue {
  const timeMs = wholeMs(atMs)
  const code = cause?.code.slice(0, CAUSE_MAX) ?? UNKNOWN
  if (quality === QUALITY.bad) return { timeMs, quality: 'bad', cause: code }
  return withQuality({ timeMs, shown: shownOf(number, other) }, quality === QUALITY.good ? undefined : code)
}

/** What a sink was told. */
export function seenOutput(output: FlowOutput): SeenValue {
  const timeMs = wholeMs(output.timeMs)
  if (output.quality === 'bad') return { timeMs, quality: 'bad', cause: output.cause.code.slice(0, CAUSE_MAX) }
  const doubt = output.quality === 'good' ? undefined : output.cause.code.slice(0, CAUSE_MAX)
  return withQuality({ timeMs, shown: contentShown(output.value) }, doubt)
}

const wholeMs = (timeMs: number) =>
  Number.isFinite(timeMs) ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(timeMs))) : 0

/** JSON has no word for what is no finite number. */
function withQuality({ timeMs, shown }: { timeMs: number; shown: Shown }, doubt: string | undefined): SeenValue {
  const numbers = Array.isArray(shown.value) ? shown.value : [shown.value]
  const isWhole = numbers.every((each) => typeof each === 'string' || Number.isFinite(each))
  if (!isWhole) return { timeMs, quality: 'bad', cause: 'value_not_finite' }
  return doubt === undefined
    ? { timeMs, quality: 'good', ...shown }
    : { timeMs, quality: 'uncertain', ...shown, cause: doubt }
}

function shownOf(number: number, other: Signal['other']): Shown {
  if (other === undefined) return { value: number }
  if (typeof other === 'string' || other instanceof Float64Array) return contentShown(other)
  if (isDetections(other)) return contentShown(detectionsText(other))
  // Numbers for a model, such as those of a picture, are nothing that a person reads.
  if (!isWindow(other)) return { value: 'not shown' }
  const { values, columns } = other
  const newest = values.subarray(Math.max(0, values.length - columns))
  const value = [...newest.subarray(0, SEEN_NUMBERS_MAX)]
  return withOmitted(value, values.length - value.length)
}

const isWindow = (content: object): content is WindowContent => 'timesMs' in content

function contentShown(content: FlowContent | Float64Array): Shown {
  if (typeof content === 'number') return { value: content }
  if (typeof content === 'string') {
    const value = content.slice(0, SEEN_TEXT_MAX)
    return withOmitted(value, content.length - value.length)
  }
  const value = [...content.slice(0, SEEN_NUMBERS_MAX)]
  return withOmitted(value, content.length - value.length)
}

const withOmitted = (value: FlowContent, omitted: number): Shown => ({ value, ...(omitted > 0 && { omitted }) })
