/** Output diff view: how far the outputs of two versions are apart, and where the versions run, as tables. */
import type { OutputComparison } from '@skerry/client/compare-outputs'
import type { CaseDiff, DifferenceTotals } from '@skerry/core/models/output-diff'
import type { Style } from '../../../program/terminal/style.ts'
import { tableOf } from '../../../program/terminal/table.ts'
import { countText } from '../../../program/terminal/words.ts'
import type { DiffEvidence, VersionUse } from './diff-evidence.ts'

type Names = { from: string; to: string }

/** The cases that differ most. JSON has all of them. */
const CASES_SHOWN = 5

export function outputsText(comparison: OutputComparison | undefined, names: Names, style: Style): string {
  if (!comparison) return style.dim('outputs are not compared: no version has golden inputs')
  const { diff } = comparison
  const parts = [
    verdictText(comparison, style),
    ...(diff.cases.length === 0
      ? []
      : [tableOf(style, HEADS, [...diff.outputs.map(outputRow), ...worstCases(diff.cases).map(caseRow)], '')]),
    ...notesOf(comparison, names).map((note) => style.dim(note)),
  ]
  return parts.join('\n')
}

const HEADS = ['OUTPUTS', 'NAME', 'VALUES', 'OUTSIDE', 'LARGEST', 'MEAN']

function verdictText({ diff: { cases, totals, tolerance, isWithin } }: OutputComparison, style: Style): string {
  if (cases.length === 0) return style.yellow('no golden inputs were compared')
  const allowed = `the tolerance ${tolerance.absolute} + ${tolerance.relative} × |first|`
  if (totals.differing === 0 && isWithin)
    return style.green(`all outputs of ${countText(cases.length, 'case')} are equal`)
  if (isWithin) return style.green(`all outputs of ${countText(cases.length, 'case')} are within ${allowed}`)
  const missing = totals.incomparable > 0 ? `, ${countText(totals.incomparable, 'output')} cannot be compared` : ''
  return style.red(`${totals.outside} of ${countText(totals.values, 'value')} outside of ${allowed}${missing}`)
}

const outputRow = ({ name, totals }: { name: string; totals: DifferenceTotals }) => ['output', name, ...figures(totals)]

const caseRow = ({ number, totals }: CaseDiff) => ['case', String(number), ...figures(totals)]

function figures({ values, outside, largest, mean, incomparable }: DifferenceTotals) {
  if (values === 0 && incomparable > 0) return ['not comparable', '', '', '']
  return [
    values,
    outside === 0 ? 0 : `${outside} (${percentText(outside, values)})`,
    numberText(largest),
    numberText(mean),
  ]
}

const percentText = (part: number, all: number) => `${Number(((100 * part) / all).toPrecision(2))} %`

const numberText = (value: number) => String(Number(value.toPrecision(3)))

const worstCases = (cases: readonly CaseDiff[]) =>
  cases
    .filter(({ totals }) => totals.differing + totals.incomparable > 0)
    .toSorted((a, b) => b.totals.outside - a.totals.outside || b.totals.largest - a.totals.largest)
    .slice(0, CASES_SHOWN)

function notesOf({ how, inputsOf, onlyFrom, onlyTo, problem }: OutputComparison, { from, to }: Names): string[] {
  const [given, runs] = inputsOf === 'to' ? [to, from] : [from, to]
  return [
    how === 'run'
      ? `the hub ran ${runs} on the golden inputs of ${given}`
      : 'these are the stored outputs; nothing ran',
    ...(onlyFrom > 0 ? [`${countText(onlyFrom, 'case')} of ${from} left out: ${to} has other inputs`] : []),
    ...(onlyTo > 0 ? [`${countText(onlyTo, 'case')} of ${to} left out: ${from} has other inputs`] : []),
    ...(problem ? [`the hub did not run ${runs}: ${problem.message} (${problem.code})`] : []),
  ]
}

/** Where the two versions run, and how well. */
export function useRows({ use: { from, to } }: DiffEvidence): string[][] {
  const row = (what: string, of: (use: VersionUse) => string) => [what, '', of(from), of(to)]
  return [
    row('runs on', ({ running }) => countText(running.devices, 'device')),
    row('deployments', ({ deployments }) => deployments.join(', ') || 'none'),
    row('requests', ({ running }) => String(running.requests)),
    row('errors', ({ running }) => String(running.failures)),
    row('latency p50', ({ running }) => latencyText(running.p50Us)),
    row('latency p99', ({ running }) => latencyText(running.p99Us)),
  ]
}

const latencyText = (us: number | undefined) => (us === undefined ? 'unknown' : `${(us / 1_000).toFixed(1)} ms`)

/** The comparison as JSON: all numbers, without the marks of charts. */
export function outputsJson(comparison: OutputComparison | undefined): object | undefined {
  if (!comparison) return undefined
  const { pairs: _pairs, diff, ...about } = comparison
  const cases = diff.cases.map(({ outputs, ...each }) => ({
    ...each,
    outputs: outputs.map(({ name, difference }) => {
      const { parts: _parts, ...numbers } = { parts: undefined, ...difference }
      return { name, ...numbers }
    }),
  }))
  return { ...about, ...diff, cases }
}
