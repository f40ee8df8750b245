/** Values: the small languages of the command line, each read in one place. */
import { Amount, type WaveSpec } from '@skerry/contract/deployment'
import { VersionReference } from '@skerry/contract/model'
import { Labels, Name, SelectorText } from '@skerry/contract/names'

export type ModelReference = { model: Name; version: VersionReference | undefined }

/** `NAME`, `NAME:3`, `NAME:latest` or `NAME@alias`. */
export function parseModelReference(text: string): ModelReference {
  const [, name = '', colon, alias] = /^([^:@]*)(?::(.*)|(@.*))?$/s.exec(text) ?? []
  const model = Name.safeParse(name)
  if (!model.success) throw new Error(`"${name}" is no name of a model: ${model.error.issues[0]?.message}`)
  const word = colon ?? alias
  if (word === undefined) return { model: model.data, version: undefined }
  const version = VersionReference.safeParse(word)
  if (!version.success) throw new Error('give the version as NAME:3, NAME:latest or NAME@alias')
  return { model: model.data, version: version.data }
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

/** `key=value` sets a label, `key-` takes it away. */
export function parseLabelChange(text: string): readonly [string, string | undefined] {
  return text.endsWith('-') && !text.includes('=') ? [text.slice(0, -1), undefined] : parseLabel(text)
}

const SECONDS = { '': 1, s: 1, m: 60, min: 60, h: 3_600, d: 86_400 } as const

/** `90`, `90s`, `5m`, `2h` or `1d`, in seconds. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,9})(s|m|min|h|d)?$/.exec(text) ?? []
  if (count === undefined) throw new Error('must be a time such as 90s, 5m, 2h or 1d')
  return Number(count) * SECONDS[(unit ?? '') as keyof typeof SECONDS]
}

/** `5` devices, or a share such as `10%`. */
export function parseAmount(text: string): Amount {
  const amount = Amount.safeParse(/^\d+$/.test(text) ? Number(text) : text)
  if (!amount.success) throw new Error('must be a number of devices, or a share such as 10%')
  return amount.data
}

/** The part of a wave that one `--wave` says. */
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
