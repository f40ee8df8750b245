/** Look view: the live state of a flow and its queues on a device, as text. */
import type { FlowLook, FlowPartLook, SeenValue } from '@skerry/contract/flows/flow-look'
import type { QueueLook } from '@skerry/contract/hub/queue-look'
import type { Loss } from '@skerry/contract/sinks/sink-loss'
import { waitingByPriority } from '@skerry/core/equipment/forward-plan'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, durationText, instantText, sizeText } from '../../program/terminal/words.ts'
import { contentText } from './flow-view.ts'

/** A rate a second, with three digits. */
export const rateText = (perSecond: number) => (perSecond === 0 ? '0' : String(Number(perSecond.toPrecision(3))))

/** The value of a signal, without its time. Text has no unit. */
export function seenText(seen: SeenValue, unit?: string): string {
  if (seen.quality === 'bad') return `bad: ${seen.cause}`
  const omitted = seen.omitted === undefined ? '' : ` … ${seen.omitted} more`
  const doubt = seen.quality === 'uncertain' ? `  uncertain: ${seen.cause}` : ''
  const after = unit === undefined || typeof seen.value === 'string' ? '' : ` ${unit}`
  return `${contentText(seen.value)}${omitted}${after}${doubt}`
}

export function flowLookText(look: FlowLook & { device: string }, style: Style): string {
  const { state } = look
  const cause = 'cause' in state ? `: ${state.cause.message}` : ''
  return [
    factsOf(style, [
      ['flow', look.version === undefined ? look.name : `${look.name}:${look.version}`],
      ['device', look.device],
      ['state', `${state.kind}${cause}`],
      ['reached', instantText(look.reachedMs)],
      ['crashes', look.crashes],
      ['not taken', look.lost],
    ]),
    partsTable(look.parts, style),
    ...(look.queues.length === 0 ? [] : [queuesText(look.queues, style)]),
  ].join('\n\n')
}

const partsTable = (parts: readonly FlowPartLook[], style: Style): string =>
  tableOf(
    style,
    [
      'PART',
      'NAME',
      'IN/S',
      'OUT/S',
      'LOST/S',
      'IN',
      'OUT',
      'DROPPED',
      'LATE',
      'BAD',
      'WAITING',
      'P50 MS',
      'P99 MS',
      'NEWEST',
    ],
    parts.map(({ recent, ...part }) => {
      const newest = recent.at(-1)
      return [
        part.part,
        part.name,
        rateText(part.inPerSecond),
        rateText(part.outPerSecond),
        rateText(part.lostPerSecond),
        part.in,
        part.out,
        part.dropped,
        part.late,
        part.bad,
        part.queued,
        ...[part.latencyP50Ms, part.latencyP99Ms].map((ms) => (ms === undefined ? undefined : ms.toFixed(1))),
        newest && seenText(newest, part.unit),
      ]
    }),
    'it has not started',
  )

/** A table of queues, with the losses below. */
export function queuesText(queues: readonly QueueLook[], style: Style): string {
  const rows = queues.map((queue) => [
    queueName(queue),
    queue.state,
    waitingText(queue),
    sizeText(queue.waitingBytes),
    queue.waiting === 0 ? undefined : durationText(queue.oldestMs),
    `${sizeText(queue.bytesMax)}, ${durationText(queue.ageMaxSeconds * 1_000)}`,
    queue.delivered,
    rateText(queue.deliveredPerSecond),
    queue.lost + queue.unstored,
    queue.cause?.message,
  ])
  const heads = ['SINK', 'STATE', 'WAITING', 'BYTES', 'OLDEST', 'KEEPS', 'DELIVERED', 'OUT/S', 'LOST', 'WHY']
  const losses = queues.flatMap((queue) => lossLines(queueName(queue), queue))
  return [tableOf(style, heads, rows, 'no sinks'), ...(losses.length === 0 ? [] : [losses.join('\n')])].join('\n\n')
}

function waitingText({ waiting, lanes }: QueueLook): string {
  const parts = waitingByPriority(lanes).map((of) => `${of.waiting} ${of.priority}`)
  return parts.length === 0 ? String(waiting) : `${waiting} (${parts.join(', ')})`
}

const queueName = ({ kind, name }: Pick<QueueLook, 'kind' | 'name'>) => (kind === 'hub' ? 'the hub' : name)

/** The values that are lost for ever, a line for each range. */
export function lossLines(name: string, { losses, unstored }: { losses: readonly Loss[]; unstored: number }): string[] {
  const lines = losses.map(({ count, reason, lane, first, last, fromMs, toMs }) => {
    const times = fromMs === toMs ? instantText(fromMs) : `${instantText(fromMs)} to ${instantText(toMs)}`
    return `${name}: lost ${countText(count, 'value')} of ${times} (${reason}; ${lane} ${first} to ${last})`
  })
  if (unstored === 0) return lines
  return [...lines, `${name}: ${countText(unstored, 'value')} did not reach the disk since the sink started`]
}
