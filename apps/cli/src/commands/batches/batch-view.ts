/** Batch view: a batch as rows, lines and facts, for the commands that show or watch one. */
import type { Batch, BatchDetail, BatchDevice, BatchHand, JobCounts, JobOutcome } from '@skerry/contract/batches/batch'
import type { BatchCommand } from '@skerry/contract/batches/batch-command'
import { rateText } from '@skerry/core/deployments/pace-text'
import type { Session } from '../../program/session.ts'
import { barOf } from '../../program/terminal/progress.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, countText, durationText, instantText, labelsText } from '../../program/terminal/words.ts'

type View = Pick<Session, 'style' | 'io'>

export const batchHeads = ['BATCH', 'COMMAND', 'STATUS', 'DEVICES', 'CREATED', 'BY'] as const

/** A row for each batch, under `batchHeads`. */
export function batchRows(batches: readonly Batch[], { style, io }: View): string[][] {
  return batches.map((batch) => [
    batch.id,
    batch.command.kind,
    statusText(batch.status, style),
    countsText(batch.counts),
    agoText(batch.created.atMs, io.nowMs()) ?? '',
    batch.created.name,
  ])
}

/** A whole change in one line. */
export const batchLine = ({ id, command, status, counts }: Batch): string =>
  `${id} ${command.kind}: ${status}, ${countsText(counts)}`

/** One batch, with a bar. */
export function batchText(batch: Batch, { style, io }: View): string {
  const { counts, rate, devices, attempt } = batch
  const nowMs = io.nowMs()
  const hand = (by: BatchHand | undefined) => by && `${by.name}, ${agoText(by.atMs, nowMs)}`
  const facts = factsOf(style, [
    ['batch', batch.id],
    ['command', commandText(batch.command)],
    ['status', statusText(batch.status, style)],
    ['devices', `${devices}, picked by ${batch.selector}`],
    ['reason', batch.reason],
    ['attempt', attempt > 1 ? attempt : undefined],
    ['rate', rate && rateText(rate)],
    ['starts', batch.startAtMs > nowMs ? instantText(batch.startAtMs) : undefined],
    ['expires', instantText(batch.expiresAtMs)],
    ['created', hand(batch.created)],
    ['signed', hand(batch.signed)],
    ['sent', hand(batch.sent)],
    ['cancelled', hand(batch.cancelled)],
  ])
  const decided = devices - counts.waiting - counts.told
  return `${facts}\n\n${barOf(decided, devices).replace(/%.*$/, '%')} ${countsText(counts)}`
}

/** The errors, with the number of devices for each. */
export const problemLines = ({ problems }: BatchDetail, style: Style): string =>
  tableOf(
    style,
    ['DEVICES', 'CODE'],
    problems.map(({ code, count }) => [count, code]),
    '',
  )

export const deviceHeads = ['DEVICE', 'SITE', 'OUTCOME', 'DECIDED', 'TOOK', 'WHY'] as const

/** A row for each device, under `deviceHeads`. */
export function deviceRows(devices: readonly BatchDevice[], { style, io }: View): (string | undefined)[][] {
  return devices.map(({ device, site, outcome, decidedAtMs, durationMs, code, message }) => [
    device,
    site,
    outcomeText(outcome, style),
    agoText(decidedAtMs, io.nowMs()),
    durationMs === undefined ? undefined : tookText(durationMs),
    code === undefined ? message : `${code}: ${message}`,
  ])
}

const tookText = (ms: number) => (ms < 1_000 ? `${ms} ms` : durationText(ms))

/** `12 succeeded, 1 failed`. Zeros are omitted. */
export function countsText(counts: JobCounts): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0)
  return some.map(([outcome, count]) => `${count} ${outcome}`).join(', ') || countText(0, 'device')
}

function commandText(command: BatchCommand): string {
  const { kind, ...words } = command
  if (command.kind === 'relabel') {
    const removed = command.remove.map((key) => `${key}-`)
    return [kind, labelsText(command.set), ...removed].filter((word) => word !== '').join(' ')
  }
  if (command.kind === 'bench-model') {
    const { name, version, candidates } = command
    return `${kind} ${name}:${version} with ${countText(candidates.length - 1, 'build')}`
  }
  if (command.kind === 'calibrate-model')
    return `${kind} ${command.name}:${command.version} with ${countText(command.rows, 'row')} a device at most`
  const said =
    Object.keys(words).length === 0 ? '' : ` ${JSON.stringify('configuration' in words ? words.configuration : words)}`
  return `${kind}${said}`
}

function statusText(status: Batch['status'], style: Style): string {
  if (status === 'ended') return style.green(status)
  return status === 'cancelling' || status === 'cancelled' ? style.yellow(status) : status
}

function outcomeText(outcome: JobOutcome, style: Style): string {
  if (outcome === 'succeeded') return style.green(outcome)
  if (outcome === 'failed' || outcome === 'timed-out' || outcome === 'expired') return style.red(outcome)
  return outcome
}
