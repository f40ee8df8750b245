/** Heat map: how far each feature has moved at each cohort, such as a site. A cell has its figure, and its state as a colour. */
import type { CohortVerdict, FeatureVerdict, VersionVerdict } from '@skerry/contract/monitors/monitor'
import { useRef } from 'react'
import { shortNumber } from '../../components/charts/short-number.ts'
import { cn } from '../../components/class-names.ts'
import { useScrollEdges } from '../../components/rows/use-scroll-edges.ts'
import { number } from '../../texts/count.ts'
import { monitorsTexts } from './english-monitors.ts'

const words = monitorsTexts.heat

/** More rows do not fit a screen; the command line has all. */
const COHORTS_SHOWN = 30

type State = FeatureVerdict['state']

const LOOK: Readonly<Record<State, string>> = {
  ok: 'bg-good/10',
  warn: 'bg-warn/25 font-medium',
  alert: 'bg-bad/25 font-semibold',
  waiting: 'text-soft',
}

/** The cohorts are worst first, and the features are in the order of the table above. */
export function HeatMap({ verdict: { features, cohorts = [], moved = [] } }: { verdict: VersionVerdict }) {
  const scroller = useRef<HTMLDivElement>(null)
  useScrollEdges(scroller)
  const names = features.map(({ feature }) => feature)
  return (
    <section className="border-t border-line">
      <h3 className="px-4 pt-3 text-sm font-medium">{words.title}</h3>
      <p className="px-4 pt-1 pb-2 text-xs text-soft">
        {moved.length > 0 ? words.moved(moved) : words.lead}
        {cohorts.length > COHORTS_SHOWN && ` ${words.more(cohorts.length - COHORTS_SHOWN)}`}
      </p>
      <div ref={scroller} className="scroll-edges overflow-x-auto px-4 pb-4">
        <table aria-label={words.title} className="border-separate border-spacing-0.5 text-xs tabular">
          <thead>
            <tr>
              <th scope="col" className="pr-3 text-left font-medium text-soft">
                {words.cohort}
              </th>
              {names.map((name) => (
                <th key={name} scope="col" className="px-1 text-left font-mono font-normal whitespace-nowrap text-soft">
                  {name}
                </th>
              ))}
              <th scope="col" className="pl-3 text-right font-medium text-soft">
                {words.rows}
              </th>
            </tr>
          </thead>
          <tbody>
            {cohorts.slice(0, COHORTS_SHOWN).map((cohort) => (
              <Line key={cohort.cohort} cohort={cohort} names={names} isMoved={moved.includes(cohort.cohort)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** Two digits behind the point, as the limits have them. */
function textOf(stability: number | undefined): string {
  if (stability === undefined) return '–'
  return stability < 10 ? stability.toFixed(2) : shortNumber(Math.round(stability))
}

type LineProps = { cohort: CohortVerdict; names: readonly string[]; isMoved: boolean }

function Line({ cohort: { cohort, features, rows }, names, isMoved }: LineProps) {
  const cells = new Map(features.map((cell) => [cell.feature, cell]))
  return (
    <tr>
      <th scope="row" className={cn('pr-3 text-left whitespace-nowrap', isMoved ? 'font-semibold' : 'font-normal')}>
        {cohort}
      </th>
      {names.map((name) => {
        const cell = cells.get(name)
        const state = cell?.state ?? 'waiting'
        return (
          <td
            key={name}
            title={`${cohort}, ${name}: ${monitorsTexts.states[state]}`}
            className={cn('h-7 min-w-14 rounded px-1.5', LOOK[state])}
          >
            {textOf(cell?.stability)}
          </td>
        )
      })}
      <td className="pl-3 text-right text-soft">{number.format(rows)}</td>
    </tr>
  )
}
