/**
 * Analysis text: an analysis in one line, as a command line and a form take it; several are parted by `;`.
 *
 *     error-rate < 0.01 every 1m x5
 *     latency p99_ratio <= 1.2 fails p99_ratio > 2 after 5m devices 3
 *     scores: predictions of scores not_finite == 0 dry-run
 *     tests: webhook https://tests.example/skerry `result.passed && result.score > 3` every 30s x2 bears 1
 *
 *     [NAME:] MEASURE [CONDITION] [fails CONDITION] [every TIME] [xCOUNT] [after TIME] [bears FAILURES] [unsure INCONCLUSIVES]
 *     [errors IN-A-ROW] [devices LEAST] [requests LEAST] [dry-run]
 *
 * A condition is a field (`value` where none is named), a comparison and a number, or CEL in back quotes. The name is that of the measure where
 * none is given.
 */
import { Analyses, Analysis, BuiltInMeasure, type Measure } from '@skerry/contract/deployments/analysis'
import { durationText, parseDuration } from '../values/duration.ts'

/** The analyses that the text says; undefined where one of them is none, or two have one name. */
export function parseAnalyses(text: string): Analysis[] | undefined {
  const analyses = splitTexts(text).map(parseAnalysis)
  if (analyses.length === 0) return undefined
  return analyses.every((one) => one !== undefined) ? Analyses.safeParse(analyses).data : undefined
}

/** Back quotes hold a `;` together, and one inside a word is part of it. */
const splitTexts = (text: string) =>
  text.match(/(?:`[^`]*`|;(?!\s|$)|[^;`])+/g)?.filter((one) => one.trim() !== '') ?? []

/** The text that says these analyses; undefined where only a file can. */
export function analysesText(analyses: readonly Analysis[]): string | undefined {
  const texts = analyses.map(analysisText)
  return texts.every((text) => text !== undefined) ? texts.join('; ') : undefined
}

const SHORT = String.raw`(?:(?!fails\b)[a-z]\w*\s*)?(?:<=|>=|<|>|==|!=)\s*-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?`
const CONDITION = `(?:\`[^\`]+\`|${SHORT})`
const FORM = new RegExp(
  [
    String.raw`^(?:(?<name>[a-z0-9-]+):\s+)?(?<measure>webhook\s+[^\s\`]+|predictions\s+of\s+[^\s\`]+|[a-z-]+)`,
    String.raw`(?:\s+(?<success>${CONDITION}))?(?:\s+fails\s+(?<failure>${CONDITION}))?(?<options>(?:\s+[^\s\`]+)*)$`,
  ].join(''),
)

/** The analysis that the text says; undefined where it says none. */
export function parseAnalysis(text: string): Analysis | undefined {
  const { name, measure, success, failure, options } = FORM.exec(text.trim())?.groups ?? {}
  const found = measure === undefined ? undefined : measureOf(measure)
  const settings = optionsOf(options?.trim() ?? '')
  if (!found || !settings) return undefined
  return Analysis.safeParse({
    name: name ?? nameOf(found),
    measure: found,
    ...(success !== undefined && { success: conditionOf(success) }),
    ...(failure !== undefined && { failure: conditionOf(failure) }),
    ...settings,
  }).data
}

function measureOf(text: string): Measure | undefined {
  const [kind, ...rest] = text.split(/\s+/)
  if (kind === 'webhook') return rest[0] === undefined ? undefined : { webhook: rest[0] }
  if (kind === 'predictions' && rest[1] !== undefined) return { predictions: rest[1] }
  return BuiltInMeasure.safeParse(kind).data
}

const nameOf = (measure: Measure): string =>
  typeof measure === 'string' ? measure : 'webhook' in measure ? 'webhook' : 'predictions'

const SHORT_PARTS = /^(?<field>[a-z]\w*)?\s*(?<comparison><=|>=|<|>|==|!=)\s*(?<number>\S+)$/

function conditionOf(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1)
  const { field = 'value', comparison, number } = SHORT_PARTS.exec(text)?.groups ?? {}
  return `result.${field} ${comparison} ${number}`
}

const FLAG = 'dry-run'
const NUMBERS = {
  bears: 'failureLimit',
  unsure: 'inconclusiveLimit',
  errors: 'consecutiveErrorLimit',
  devices: 'minDevices',
  requests: 'minRequests',
} as const
const TIMES = { every: 'intervalSeconds', after: 'initialDelaySeconds' } as const

/** Undefined where a word is none of them, or one is said twice. */
function optionsOf(text: string): Partial<Analysis> | undefined {
  const said: Record<string, number | boolean> = {}
  const words = text === '' ? [] : text.split(/\s+/)
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [key, value] = optionOf(word, () => words.shift() ?? '')
    if (key === undefined || Number.isNaN(value) || key in said) return undefined
    said[key] = value
  }
  return said
}

function optionOf(word: string, next: () => string): [string | undefined, number | boolean] {
  if (word === FLAG) return ['dryRun', true]
  if (/^x\d+$/.test(word)) return ['count', Number(word.slice(1))]
  if (Object.hasOwn(TIMES, word)) return [TIMES[word as keyof typeof TIMES], parseDuration(next()) ?? Number.NaN]
  const isNumber = Object.hasOwn(NUMBERS, word)
  return isNumber ? [NUMBERS[word as keyof typeof NUMBERS], numberOf(next())] : [undefined, Number.NaN]
}

const numberOf = (text: string) => (/^-?\d+$/.test(text) ? Number(text) : Number.NaN)

const USUAL = Analysis.parse({ name: 'a', measure: 'error-rate', success: 'a' })

/** The text that says this analysis; undefined where only a file can. */
export function analysisText(analysis: Analysis): string | undefined {
  const { name, measure, success, failure, dryRun, count } = analysis
  const text = [
    ...(name === nameOf(measure) ? [] : [`${name}:`]),
    measureText(measure),
    ...(success === undefined ? [] : [conditionText(success)]),
    ...(failure === undefined ? [] : ['fails', conditionText(failure)]),
    `every ${durationText(analysis.intervalSeconds)}`,
    `x${count}`,
    ...(analysis.initialDelaySeconds === 0 ? [] : [`after ${durationText(analysis.initialDelaySeconds)}`]),
    ...Object.entries(NUMBERS).flatMap(([word, key]) =>
      analysis[key] === undefined || analysis[key] === USUAL[key] ? [] : [`${word} ${analysis[key]}`],
    ),
    ...(dryRun ? [FLAG] : []),
  ].join(' ')
  return isSaid(analysis, parseAnalyses(text)) ? text : undefined
}

const measureText = (measure: Measure): string => {
  if (typeof measure === 'string') return measure
  return 'webhook' in measure ? `webhook ${measure.webhook}` : `predictions of ${measure.predictions}`
}

function conditionText(condition: string): string {
  const short = condition.startsWith('result.') ? condition.slice('result.'.length) : ''
  if (!new RegExp(`^${SHORT}$`).test(short) || conditionOf(short) !== condition) return `\`${condition}\``
  return short.replace(/^value /, '')
}

/** Names with spaces, and conditions with back quotes, would be read as something else. `dryRun: false` means what is absent means. */
const isSaid = ({ dryRun, ...analysis }: Analysis, [read, ...others]: readonly Analysis[] = []): boolean => {
  if (!read || others.length > 0 || (read.dryRun ?? false) !== (dryRun ?? false)) return false
  const keys = Object.keys(analysis) as (keyof typeof analysis)[]
  return keys.every((key) => JSON.stringify(read[key]) === JSON.stringify(analysis[key]))
}
