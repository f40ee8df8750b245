/**
 * Alarm rows: the newest rows that each flow with an alarm gave to one model. If the alarm rises, these rows caused it.
 * They are redacted, and lie in memory only. Invariant: a row leaves once at most.
 */
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { AlarmedRow } from './capture-board.ts'

export type AlarmRows = {
  /** Rows of this flow are to be added. */
  awaits(flow: string | undefined): boolean
  /** Adds a row, unless nothing awaits it. */
  add(flow: string | undefined, row: AlarmedRow): void
  /** The rows of the flow, oldest first, if its signal rises with this value. */
  told(signal: { flow: string; signal: string }, output: FlowOutput): readonly AlarmedRow[]
  /** The state of each flow and signal, for the rules that follow. */
  readonly flows: ReadonlyMap<string, Held[]>
  readonly signals: ReadonlyMap<string, Level>
}

type Held = { row: AlarmedRow; bytes: number }
type Level = { timeMs: number; isRaised: boolean }

/** A vote of several answers makes an alarm; nobody looks at more of them. */
const ROWS_MAX = 8

/** Of the rows of one flow: a picture or two. */
const BYTES_MAX = 1024 * 1024

/** `alarms`: as `pump-anomaly/alarm`. Known flows and signals keep their state. */
export function createAlarmRows(alarms: readonly string[], before?: AlarmRows): AlarmRows {
  const names = alarms.map((text) => text.slice(0, text.indexOf('/')))
  const flows = new Map(names.map((flow) => [flow, before?.flows.get(flow) ?? []]))
  const signals = new Map(alarms.map((alarm) => [alarm, before?.signals.get(alarm) ?? UNHEARD]))
  return {
    flows,
    signals,
    awaits: (flow) => flow !== undefined && flows.has(flow),
    add(flow, row) {
      const held = flow === undefined ? undefined : flows.get(flow)
      if (!held) return
      held.push({ row, bytes: bytesOf(row) })
      while (held.length > ROWS_MAX || (held.length > 1 && sumOf(held) > BYTES_MAX)) held.shift()
    },
    told({ flow, signal }, output) {
      const alarm = `${flow}/${signal}`
      const level = signals.get(alarm)
      // Several sinks may send one signal, each at its own pace: an older value is no news.
      if (!level || output.quality === 'bad' || output.timeMs <= level.timeMs) return []
      const isRaised = typeof output.value === 'number' && output.value !== 0
      signals.set(alarm, { timeMs: output.timeMs, isRaised })
      if (!isRaised || level.isRaised) return []
      return (flows.get(flow) ?? []).splice(0).map(({ row }) => row)
    },
  }
}

const UNHEARD: Level = { timeMs: Number.NEGATIVE_INFINITY, isRaised: false }

const sumOf = (held: readonly Held[]) => held.reduce((sum, { bytes }) => sum + bytes, 0)

const bytesOf = ({ inputs = {}, outputs = {} }: AlarmedRow): number =>
  [...Object.values(inputs), ...Object.values(outputs)].reduce((sum, { data }) => sum + data.length, 0)
