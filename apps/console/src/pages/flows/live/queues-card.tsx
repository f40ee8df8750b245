/**
 * Queues card: the pending values on the device's disk behind the sinks of a flow, their age, and the values that are
 * lost for ever.
 */
import type { QueueLook } from '@skerry/contract/hub/queue-look'
import { waitingByPriority } from '@skerry/core/equipment/forward-plan'
import { Card } from '../../../components/card.tsx'
import { sizeText } from '../../../components/charts/amounts.ts'
import { ageText } from '../../../components/facts/age-text.ts'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { timeLocale } from '../../../texts/language.ts'
import { ValuesLink } from '../../device/values/values-link.tsx'
import { SourceBadge } from '../../sources/source-marks.tsx'
import { flowLiveTexts } from './english-flow-live.ts'
import { fewText } from './flow-figures.ts'

const words = flowLiveTexts.queues

export function QueuesCard({ device, queues }: { device: string; queues: readonly QueueLook[] }) {
  const { name, state, waiting, oldest, delivered, lost } = words.columns
  const losses = queues.flatMap((queue) => queue.losses.map((loss) => ({ queue, loss })))
  return (
    <Card title={words.title} isFlush>
      {queues.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
      {queues.length > 0 && (
        <PlainTable
          label={words.title}
          headers={[name, state, waiting, oldest, delivered, lost]}
          rows={queues.map((queue) => ({ key: `${queue.kind} ${queue.name}`, cells: cellsOf(queue, device) }))}
        />
      )}
      {losses.length > 0 && (
        <div className="border-t border-line px-4 py-3">
          <h3 className="text-xs font-semibold">{words.losses}</h3>
          <ul className="mt-1.5 flex flex-col gap-1 text-xs text-soft">
            {losses.map(({ queue, loss }) => (
              <li key={`${queue.kind} ${queue.name} ${loss.lane} ${loss.first}`} className="wrap-anywhere">
                <span className="font-medium text-text">{nameOf(queue)}</span>{' '}
                {words.loss(loss.count, words.reasons[loss.reason])},{' '}
                {words.range(timeOf(loss.fromMs), timeOf(loss.toMs))}
              </li>
            ))}
          </ul>
        </div>
      )}
      {queues.length > 0 && <p className="border-t border-line px-4 py-2 text-xs text-soft">{words.shares}</p>}
    </Card>
  )
}

const nameOf = ({ kind, name }: QueueLook) => (kind === 'hub' ? words.hub : name)

const clock = new Intl.DateTimeFormat(timeLocale, { dateStyle: 'short', timeStyle: 'medium' })
const timeOf = (ms: number) => clock.format(ms)

function cellsOf(queue: QueueLook, device: string) {
  const { state, cause, waiting, waitingBytes, oldestMs, deliveredPerSecond, lost, unstored } = queue
  return [
    <span key="name" className="font-medium wrap-anywhere">
      {queue.kind === 'hub' ? <ValuesLink device={device} text={words.hub} /> : nameOf(queue)}
    </span>,
    <span key="state" className="inline-flex flex-wrap items-center gap-2 align-middle">
      <SourceBadge state={state} />
      {cause && <span className="text-xs text-soft wrap-anywhere">{cause.message}</span>}
    </span>,
    <span key="waiting" className="tabular whitespace-nowrap">
      {words.waiting(waiting, sizeText(waitingBytes))}
      <Priorities lanes={queue.lanes} />
    </span>,
    <span key="oldest" className="tabular whitespace-nowrap">
      {waiting === 0 ? '' : ageText(oldestMs)}
    </span>,
    <span key="delivered" className="tabular">
      {fewText(deliveredPerSecond)}
    </span>,
    <span key="lost" className={lost + unstored > 0 ? 'font-medium text-bad' : 'text-soft'}>
      {words.lost(lost)}
      {unstored > 0 && `, ${words.unstored(unstored)}`}
    </span>,
  ]
}

/** The number of pending values of each priority, unless all have the normal one. */
const Priorities = ({ lanes }: Pick<QueueLook, 'lanes'>) =>
  waitingByPriority(lanes).map(({ priority, waiting }) => (
    <span key={priority} className="block text-xs text-soft">
      {words.ofPriority(priority, waiting)}
    </span>
  ))
