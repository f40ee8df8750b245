/** Values: the small languages of the command line, each read in one place. */

import { Amount } from '@skerry/contract/deployments/amount'
import type { WaveSpec } from '@skerry/contract/deployments/deployment'
import { VersionReference } from '@skerry/contract/models/model'
import { Labels, Name, SelectorText } from '@skerry/contract/values/names'
import { parseAnalysis } from '@skerry/core/analysis/analysis-text'
import {
  parseBudget as readBudget,
  parseRate as readRate,
  parseRetry as readRetry,
} from '@skerry/core/deployments/pace-text'
import { parseShadow as readShadow, parseSwitch as readSwitch } from '@skerry/core/deployments/stage-text'
import { parseWindow as readWindow } from '@skerry/core/deployments/window-text'
import { parseDuration as durationOf } from '@skerry/core/values/duration'

export type ModelReference = { name: Name; version: VersionReference | undefined }

/** `NAME`, `NAME:3`, `NAME:latest` or `NAME@alias`. */
export function parseModelReference(text: string): ModelReference {
  const [, word = '', colon, alias] = /^([^:@]*)(?::(.*)|(@.*))?$/s.exec(text) ?? []
  const name = Name.safeParse(word)
  if (!name.success) throw new Error(`"${word}" is not the name of a model: ${name.error.issues[0]?.message}`)
  const reference = colon ?? alias
  if (reference === undefined) return { name: name.data, version: undefined }
  const version = VersionReference.safeParse(reference)
  if (!version.success) throw new Error('give the version as NAME:3, NAME:latest or NAME@alias')
  return { name: name.data, version: version.data }
}

/** `key=value` → a pair that labels allow. */
export function parseLabel(text: string): readonly [string, string] {
  const index = text.indexOf('=')
  if (index === -1) throw new Error('must look like key=value')
  const pair = [text.slice(0, index), text.slice(index + 1)] as const
  const labels = Labels.safeParse(Object.fromEntries([pair]))
  if (!labels.success) throw new Error(labels.error.issues[0]?.message ?? 'must look like key=value')
  return pair
}

/** `key=value` sets a label, `key-` removes it. */
export function parseLabelChange(text: string): readonly [string, string | undefined] {
  return text.endsWith('-') && !text.includes('=') ? [text.slice(0, -1), undefined] : parseLabel(text)
}

/** `90s`, `5m`, `2h` or `1d`, in seconds. A number without a unit is rejected, because people mean minutes as often. */
export function parseDuration(text: string): number {
  const seconds = durationOf(text)
  if (seconds === undefined) throw new Error('must be a time such as 90s, 5m, 2h or 1d')
  if (seconds > 0 && /^\s*\d+\s*$/.test(text)) throw new Error(`needs a unit: ${seconds}s, ${seconds}m or ${seconds}h`)
  return seconds
}

/** A moment: an instant, or a duration before now. */
export type Moment = { atMs: number } | { agoMs: number }

/** `2026-11-24`, `2026-11-24T10:30Z`, or a time before now such as `2h`. */
export function parseMoment(text: string): Moment {
  const seconds = /^\d+$/.test(text) ? undefined : durationOf(text)
  if (seconds !== undefined) return { agoMs: seconds * 1_000 }
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(atMs)) throw new Error('must be a time such as 2026-11-24T10:30Z, or a time ago such as 2h or 7d')
  return { atMs }
}

export const instantOf = (moment: Moment | undefined, nowMs: number): number | undefined =>
  moment && ('atMs' in moment ? moment.atMs : nowMs - moment.agoMs)

/** A number of rows: a whole number from 1 on. */
export function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1) throw new Error('must be a whole number, at least 1')
  return limit
}

/** `5` devices, or a share such as `10%`. */
export function parseAmount(text: string): Amount {
  const amount = Amount.safeParse(/^\d+$/.test(text) ? Number(text) : text)
  if (!amount.success) throw new Error('must be a number of devices, or a share such as 10%')
  return amount.data
}

/** The part of a wave that one `--wave` gives. */
export type WaveShape = Pick<WaveSpec, 'limit' | 'selector'>

/** `10%`, `SELECTOR`, or `10% of SELECTOR`. */
export function parseWave(text: string): WaveShape {
  const [, amount, selector] = /^(\d[\d.]*%?)(?:\s+of\s+(.+))?$/s.exec(text.trim()) ?? []
  if (amount === undefined) return { selector: parseSelector(text) }
  const limit = parseAmount(amount)
  return selector === undefined ? { limit } : { limit, selector: parseSelector(selector) }
}

function parseSelector(text: string): string {
  const selector = SelectorText.safeParse(text)
  if (!selector.success) throw new Error('must be an amount, a selector, or "AMOUNT of SELECTOR"')
  return selector.data
}

/** A number such as 0.001 or 1e-4, at least 0. */
export function parseTolerance(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) throw new Error('must be a number such as 0.001')
  return number
}

/** The value of a text that core reads. */
const readBy =
  <Value>(read: (text: string) => Value | undefined, what: string) =>
  (text: string): Value => {
    const value = read(text)
    if (value === undefined) throw new Error(`must be ${what}`)
    return value
  }

/** `100`, or `10 x2 per 50 proved up to 1000`. */
export const parseRate = readBy(readRate, 'a rate such as 100 (a minute) or "10 x2 per 50 proved up to 1000"')

/** `2`, or `20% per site.name`. */
export const parseBudget = readBy(
  readBudget,
  'a budget such as 2, "20% per site.name" or "keep 3 per device.labels.line"',
)

/** `2`, or `2 after 5m`. */
export const parseSwitch = readBy(readSwitch, 'how all switch, such as approved or "at once keep 1h"')

export const parseShadow = readBy(readShadow, 'a shadow such as 100 or "100 for 10m of 25% within 1%"')

export const parseRetry = readBy(readRetry, 'a number of tries such as 2 or "2 after 5m"')

/** `error-rate < 0.01 every 1m x5`, or `none`. */
export const parseGate = readBy(
  (text) => (text.trim() === 'none' ? ('none' as const) : parseAnalysis(text)),
  'a gate such as "error-rate < 0.01 every 1m x5", or none; docs/deploying.md has them',
)

/** `0 2 * * *, Europe/Berlin, 2h`, or `none`. */
export const parseWindow = readBy(
  (text) => (text.trim() === 'none' ? ('none' as const) : readWindow(text)),
  'a window such as "0 2 * * *, Europe/Berlin, 2h", or none',
)

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `50GiB`, `512MiB` or a number of bytes. */
export function parseSize(text: string): number {
  const [, number = '', unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([KMGT]iB|B)?$/.exec(text.trim()) ?? []
  if (number === '') throw new Error('must be a size such as 512MiB, 50GiB or 2TiB')
  return Math.round(Number(number) * 1024 ** UNITS.indexOf(unit))
}

/** The same, but not none. */
export function parseSomeAmount(text: string): Amount {
  const amount = parseAmount(text)
  if (Number.parseFloat(String(amount)) === 0) throw new Error('must be at least one device, such as 1 or 10%')
  return amount
}
