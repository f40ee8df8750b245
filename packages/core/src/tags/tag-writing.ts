/** Tag writing: whether a value may be written to equipment. What is not allowed there is refused here, before anything is sent. */
import { isNumberType, type OpcuaType } from '@skerry/contract/sources/opcua-type'
import type { OpcuaArgument } from '@skerry/contract/sources/protocols/source-opcua'
import type { TagContent, TagWriting } from '@skerry/contract/sources/tag'
import { isWithin, rangeText } from './tag-scaling.ts'

export type WriteVerdict = { ok: true } | { ok: false; code: WriteRefusal; message: string }
export type WriteRefusal = 'tag_read_only' | 'tag_range' | 'tag_rate' | 'tag_type'

type Circumstances = {
  /** The moments of the tag's writes of the last minute. */
  recentMs: readonly number[]
  nowMs: number
  /** What a method takes, where the tag is one. */
  inputs?: readonly OpcuaArgument[] | undefined
  /** How many elements it has, where the tag is an array. */
  count?: number | undefined
}

export function judgeWrite(
  writing: TagWriting | undefined,
  value: TagContent,
  { recentMs, nowMs, inputs, count = 1 }: Circumstances,
): WriteVerdict {
  if (!writing)
    return refused('tag_read_only', 'the tag has no "write", so it cannot be written; add "write" to permit it')
  const verdict = inputs ? judgeArguments(inputs, value) : judgeValue(writing, value, count)
  if (!verdict.ok) return verdict
  const counted = recentMs.filter((atMs) => Math.abs(nowMs - atMs) < 60_000)
  if (counted.length >= writing.perMinute) {
    return refused('tag_rate', `it was written ${counted.length} times within a minute, which is its limit`)
  }
  return { ok: true }
}

function judgeValue(writing: TagWriting, value: TagContent, count: number): WriteVerdict {
  if (!Array.isArray(value)) {
    return count === 1 ? judgeOne(writing, value) : refused('tag_type', `the tag is an array: ${wholeMessage(count)}`)
  }
  if (count === 1) return refused('tag_type', 'the tag is a single value, so a list cannot be written to it')
  if (value.length !== count) return refused('tag_type', `${value.length} are given: ${wholeMessage(count)}`)
  for (const [index, element] of value.entries()) {
    const verdict = judgeOne(writing, element)
    if (!verdict.ok) return refused(verdict.code, `element ${index + 1} of ${count}: ${verdict.message}`)
  }
  return { ok: true }
}

/** What stands where nothing is said would be a guess. */
const wholeMessage = (count: number) => `all of its ${count} elements are written at once, as a list`

function judgeOne({ min, max }: TagWriting, value: number | boolean | string): WriteVerdict {
  const isBounded = min !== undefined || max !== undefined
  if (isBounded && typeof value !== 'number')
    return refused('tag_type', 'the tag has bounds, so only a number can be written')
  if (typeof value === 'number' && Number.isNaN(value)) return refused('tag_type', 'not a number')
  if (typeof value === 'number' && !isWithin(value, { min, max })) {
    return refused('tag_range', `${value} is outside the bounds for writing (${rangeText({ min, max })})`)
  }
  return { ok: true }
}

/** One after the other; `true` alone calls a method that takes none. */
export function argumentsOf(inputs: readonly OpcuaArgument[], value: TagContent): (number | boolean | string)[] {
  if (Array.isArray(value)) return value
  return inputs.length === 0 && value === true ? [] : [value]
}

function judgeArguments(inputs: readonly OpcuaArgument[], value: TagContent): WriteVerdict {
  const given = argumentsOf(inputs, value)
  if (given.length !== inputs.length) return refused('tag_type', countMessage(inputs.length))
  for (const [index, input] of inputs.entries()) {
    const { type, name, min, max } = input
    const argument = given[index] ?? Number.NaN
    const which = name === undefined ? `argument ${index + 1}` : `argument ${index + 1} (${name})`
    if (!isOfType(type, argument)) return refused('tag_type', `${which} must have the type ${type}`)
    if (typeof argument === 'number' && !isWithin(argument, { min, max })) {
      return refused(
        'tag_range',
        `${which}: ${argument} is outside the bounds for writing (${rangeText({ min, max })})`,
      )
    }
  }
  return { ok: true }
}

function countMessage(count: number): string {
  if (count === 0) return 'the method takes no arguments: true calls it'
  return `the method takes ${count === 1 ? 'one argument' : `a list of ${count} arguments`}`
}

function isOfType(type: OpcuaType, value: number | boolean | string): boolean {
  if (isNumberType(type)) return typeof value === 'number' && !Number.isNaN(value)
  return typeof value === (type === 'Boolean' ? 'boolean' : 'string')
}

const refused = (code: WriteRefusal, message: string): WriteVerdict => ({ ok: false, code, message })
