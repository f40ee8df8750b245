/** Output comparison: how far the outputs of two versions are apart, in numbers and case by case. */
import type { OutputComparison } from '@skerry/client/compare-outputs'
import type { DifferenceTotals } from '@skerry/core/models/output-diff'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX, Scale } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Card } from '../../../../components/card.tsx'
import { shortNumber } from '../../../../components/charts/short-number.ts'
import { cn } from '../../../../components/class-names.ts'
import { Empty, Failure, Loading } from '../../../../components/page-state.tsx'
import { shareText } from '../../../../components/tensors/difference-facts.tsx'
import { useMissing } from '../../../../hub/permission.ts'
import { queries } from '../../../../hub/queries.ts'
import { CaseOutputs } from './case-outputs.tsx'
import { CasesChart } from './cases-chart.tsx'
import { comparisonQuery, type Pair } from './comparison-query.ts'
import { numberWords as words } from './english-numbers.ts'

export function OutputComparisonCard({ from, to }: Pair) {
  const { data: me } = useQuery(queries.me())
  const missing = useMissing('model.run')
  const { data, error, refetch } = useQuery({
    ...comparisonQuery({ from, to }, missing === undefined),
    enabled: me !== undefined,
  })
  return (
    <Card title={words.title} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error && <Loading rows={4} />}
      {data === null && <Empty icon={Scale} title={words.none} hint={words.noneHint} />}
      {data && (
        <Compared
          comparison={data}
          names={{ from: `${from.name}:${from.version}`, to: `${to.name}:${to.version}` }}
          versions={{ from: from.version, to: to.version }}
          missing={missing}
        />
      )}
    </Card>
  )
}

type ComparedProps = {
  comparison: OutputComparison
  names: { from: string; to: string }
  versions: { from: number; to: number }
  missing: string | undefined
}

function Compared({ comparison, names, versions, missing }: ComparedProps) {
  const { diff, pairs } = comparison
  const [chosen, setChosen] = useState<number>()
  const worst = diff.cases.toSorted(
    (a, b) => b.totals.outside - a.totals.outside || b.totals.largest - a.totals.largest,
  )[0]
  const shown = diff.cases.find(({ number }) => number === chosen) ?? worst
  const pair = pairs.find(({ number }) => number === shown?.number)
  return (
    <div className="divide-y divide-line">
      <div className="flex flex-col gap-3 p-4">
        <Verdict comparison={comparison} />
        {diff.cases.length > 0 && <Totals totals={diff.totals} />}
        <p className="text-xs text-soft">
          {words.reference(versions.from, versions.to)}. {notesOf(comparison, names, missing).join(' ')}
        </p>
      </div>
      {diff.cases.length > 1 && (
        <CasesChart cases={diff.cases} largest={diff.totals.largest} shown={shown?.number} onShow={setChosen} />
      )}
      {shown && pair && <CaseOutputs compared={shown} pair={pair} tolerance={diff.tolerance} versions={versions} />}
    </div>
  )
}

function Verdict({ comparison: { diff } }: { comparison: OutputComparison }) {
  const { cases, totals, isWithin } = diff
  if (cases.length === 0) return <p className="text-sm font-medium text-warn">{words.nothing}</p>
  const Icon = isWithin ? CircleCheck : CircleX
  const text = isWithin ? (totals.differing === 0 ? words.equal : words.within)(cases.length) : words.outside(totals)
  return (
    <p className={cn('flex items-start gap-2 font-semibold', isWithin ? 'text-good' : 'text-bad')}>
      <Icon size={20} className="mt-px shrink-0" aria-hidden />
      {text}
      {totals.incomparable > 0 && `, ${words.incomparableCount(totals.incomparable)}`}
    </p>
  )
}

const Totals = ({ totals }: { totals: DifferenceTotals }) => (
  <dl className="flex flex-wrap gap-x-10 gap-y-2">
    <Figure name={words.largest}>{shortNumber(totals.largest)}</Figure>
    <Figure name={words.mean}>{shortNumber(totals.mean)}</Figure>
    <Figure name={words.share}>{shareText(totals.outside, totals.values)}</Figure>
  </dl>
)

const Figure = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="flex flex-col-reverse">
    <dt className="text-xs text-soft">{name}</dt>
    <dd className="text-lg leading-tight font-semibold tabular">{children}</dd>
  </div>
)

function notesOf(comparison: OutputComparison, { from, to }: ComparedProps['names'], missing: string | undefined) {
  const { how, inputsOf, onlyFrom, onlyTo, problem } = comparison
  const [given, runs] = inputsOf === 'to' ? [to, from] : [from, to]
  const isRunMissing = how === 'stored' && (inputsOf === 'to' ? onlyTo : onlyFrom) > 0
  const why = problem?.message ?? missing
  return [
    how === 'run' ? words.ran(runs, given) : words.stored,
    ...(onlyFrom > 0 ? [words.leftOut(onlyFrom, from, to)] : []),
    ...(onlyTo > 0 ? [words.leftOut(onlyTo, to, from)] : []),
    ...(isRunMissing && why !== undefined ? [words.notRun(runs, why)] : []),
  ]
}
