/** Figures card: how the connection of a source does on a device, and the rounds of each of its groups. */
import type { SourceLook } from '@skerry/contract/sources/source-look'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { number } from '../../../texts/count.ts'
import { liveSourceTexts } from './english-live-source.ts'

const words = liveSourceTexts.figures

/** Folded away: whoever looks for a value needs none of it. */
export function FiguresCard({ look: { connection, groups } }: { look: SourceLook }) {
  const { group, every, rounds, overruns, last, told, quality } = words.columns
  const { valuesPerSecond, connects, troubles, crashes, lost } = connection
  return (
    <details className="card shrink-0 overflow-hidden">
      <summary className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-sm">
        <span className="font-semibold">{words.title}</span>
        <span className="text-soft tabular">
          {words.connection({ valuesPerSecond, connects, troubles })}
          {lost + crashes > 0 && <span className="text-warn"> {words.losses(lost, crashes)}</span>}
        </span>
      </summary>
      <div className="max-h-72 overflow-y-auto border-t border-line">
        <PlainTable
          label={words.title}
          headers={[group, every, rounds, overruns, last, told, quality]}
          rows={groups.map((each) => ({
            key: each.name,
            cells: [
              <span key="name" className="font-mono text-xs">
                {each.name}
              </span>,
              words.ms(each.everyMs),
              number.format(each.rounds),
              <span key="overruns" className={each.overruns > 0 ? 'font-medium text-warn' : 'text-soft'}>
                {number.format(each.overruns)}
              </span>,
              words.ms(Math.round(each.lastRoundMs * 10) / 10),
              words.told(each.told, each.untold),
              words.quality(each),
            ],
          }))}
        />
      </div>
    </details>
  )
}
