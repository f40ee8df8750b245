/** Monitor board: counts the values of the monitored versions and sources in a runner, beside the answers that it gives. */
import type { Watch, WriteHold } from '@skerry/contract/held/monitors'
import type { MonitorWindow } from '@skerry/contract/monitors/profile'
import { movedText } from '@skerry/core/monitors/local-check'
import type { AnswerWatch } from '@skerry/inference/host/answer-watch'
import type { Clock } from '@skerry/platform/process/clock'
import type { RunnerAnswer } from '../runner/runner-message.ts'
import { type NewestTag, sampleOf } from './tag-sample.ts'
import { createWindowCounter, type WindowCounter } from './window-counter.ts'
import type { WriteHolds } from './write-holds.ts'

/** From now on, exactly these versions are watched. */
export type MonitorRequest = {
  kind: 'monitors'
  watches: readonly Watch[]
  /** From now on, exactly these flows write no tags. */
  holds: readonly WriteHold[]
  /** The rows that the runner before had in open windows when it ended. */
  lost: readonly OpenRows[]
}

/** The runner will end: its open windows go out as they are, and control counts no row of them as lost. */
export type CloseRequest = { kind: 'close-windows' }

/** Rows of the open window of a version. */
export type OpenRows = { model: string; version: string; rows: number }

export type MonitorBoard = AnswerWatch & {
  become(watches: readonly Watch[]): void
  /** Counts the newest values of the tags of watched sources as a row. */
  sample(newest: NewestTag): void
  /** The windows that have ended since the last call. */
  take(): MonitorWindow[]
  /** These windows and the open ones, because the runner ends. */
  close(): MonitorWindow[]
  /** Rows after `close`. None if it was not called: then control counts the open rows as lost. */
  last(): MonitorWindow[]
  openRows(): OpenRows[]
  lose(lost: readonly OpenRows[]): void
  /** The versions whose values alert on this device. */
  moved(): MovedVersion[]
}

/** A version whose values alert here, by the check on the device itself. */
export type MovedVersion = { model: string; version: string; text: string; failsProbation: boolean }

type Counted = { model: string; version: string; text: string; watch: Watch; counter: WindowCounter }

/** Watches nothing yet. */
export function createMonitorBoard({ clock }: { clock: Pick<Clock, 'nowMs'> }): MonitorBoard {
  let counters = new Map<string, Counted>()
  const counterOf = (name: string, version: string) => counters.get(`${name}/${version}`)?.counter
  const flush = () => [...counters.values()].flatMap(({ counter }) => counter.flush(clock.nowMs()))
  let isClosing = false
  return {
    inputs: ({ name, version, tensors, rows }) =>
      counterOf(name, version)?.inputs(tensors, rows, clock.nowMs()) ?? false,
    outputs: ({ name, version, tensors, rows }) => counterOf(name, version)?.outputs(tensors, rows),
    become(watches) {
      counters = new Map(
        watches.map((watch) => {
          const key = `${watch.model}/${watch.version}`
          const text = JSON.stringify(watch)
          const known = counters.get(key)
          const { model } = watch
          const fresh = { model, version: String(watch.version), text, watch, counter: createWindowCounter(watch) }
          return [key, known?.text === text ? known : fresh]
        }),
      )
    },
    sample(newest) {
      for (const { watch, counter } of counters.values()) {
        const tags = sampleOf(watch, newest)
        if (tags.length > 0) counter.inputs(tags, 1, clock.nowMs())
      }
    },
    take: () => [...counters.values()].flatMap(({ counter }) => counter.take(clock.nowMs())),
    close() {
      isClosing = true
      return flush()
    },
    last: () => (isClosing ? flush() : []),
    openRows: () =>
      [...counters.values()].flatMap(({ model, version, counter }) => {
        const rows = counter.openRows()
        return rows > 0 ? [{ model, version, rows }] : []
      }),
    moved: () =>
      [...counters.values()].flatMap(({ model, version, watch, counter }) => {
        const text = movedText(counter.moved())
        return text === '' ? [] : [{ model, version, text, failsProbation: watch.check?.failsProbation ?? false }]
      }),
    lose(lost) {
      for (const { model, version, rows } of lost) counterOf(model, version)?.lose(rows)
    },
  }
}

/** Carries out the request. */
export function obeyMonitors(
  { watches, holds, lost }: MonitorRequest,
  { monitors, writeHolds }: { monitors: MonitorBoard; writeHolds: WriteHolds },
): RunnerAnswer {
  monitors.become(watches)
  monitors.lose(lost)
  writeHolds.become(holds)
  return { ok: true }
}
