/** Compose values: durations, sizes and commands, as the Compose specification writes them. */
import { type Field, type Findings, listOf, report, textOf } from './compose-findings.ts'

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 0.001 }

/** [compose-spec, 11-extension] `1m30s`, `500ms`. */
export function durationMsOf(it: Findings, field: Field): number | undefined {
  const text = textOf(it, field)
  if (text === undefined) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|us|h|m|s)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    return report(it, field.path, 'value_invalid', 'must be a duration such as 10s or 1m30s')
  }
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0))
}

const UNIT_BYTES: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** [compose-spec, 11-extension] `64m`, `2gb`. A number without a unit counts bytes. */
export function bytesOf(it: Findings, field: Field): number | undefined {
  const text = textOf(it, field)
  if (text === undefined) return undefined
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(?:([bkmg])b?)?$/i.exec(text) ?? []
  if (amount === undefined) return report(it, field.path, 'value_invalid', 'must be a size such as 256m or 2g')
  return Math.round(Number(amount) * (UNIT_BYTES[(unit ?? 'b').toLowerCase()] ?? 1))
}

export function numberOf(it: Findings, field: Field): number | undefined {
  const text = textOf(it, field)
  if (text === undefined) return undefined
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : report(it, field.path, 'value_invalid', 'must be a number')
}

/** The words of a command: a list, or one line that is split as a shell splits it, without a shell. */
export function wordsOf(it: Findings, field: Field): string[] | undefined {
  if (typeof field.value !== 'string') {
    const words = listOf(it, field)?.map((word) => textOf(it, word))
    return words?.flatMap((word) => (word === undefined ? [] : [word]))
  }
  const text = textOf(it, field)
  if (text === undefined) return undefined
  return splitWords(text) ?? report(it, field.path, 'value_invalid', 'a quotation mark is not closed')
}

/** One word: signs, escaped signs and parts in quotation marks, without a space between them. */
const WORD = /(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\])+/gs
const PART = /\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'/gs

/** Undefined if a quotation mark is not closed. */
export function splitWords(text: string): string[] | undefined {
  if (text.replace(WORD, '').trim() !== '') return undefined
  return [...text.matchAll(WORD)].map(([word]) =>
    word.replace(PART, (_, escaped?: string, double?: string, single?: string) =>
      // Within double quotation marks, a backslash escapes only these two.
      double === undefined ? (escaped ?? single ?? '') : double.replaceAll(/\\(["\\])/g, '$1'),
    ),
  )
}
