/** Monitor board: counts the values of the monitored versions in a runner, beside the answers that they give. */
import type { Watch } from '@skerry/contract/held/monitors'
import type { MonitorWindow } from '@skerry/contract/monitors/profile'
import type { AnswerWatch } from '@skerry/inference/host/answer-watch'
import type { Clock } from '@skerry/platform/process/clock'
import type { RunnerAnswer } from '../runner/runner-message.ts'
import { createWindowCounter, type WindowCounter } from './window-counter.ts'

/** From now on, exactly these versions are watched. */
export type MonitorRequest = { kind: 'monitors'; watches: readonly Watch[] }

export type MonitorBoard = AnswerWatch & {
  become(watches: readonly Watch[]): void
  /** The windows that have ended since the last call. */
  take(): MonitorWindow[]
}

/** Watches nothing yet. */
export function createMonitorBoard({ clock }: { clock: Pick<Clock, 'nowMs'> }): MonitorBoard {
  let counters = new Map<string, { text: string; counter: WindowCounter }>()
  const counterOf = (name: string, version: string) => counters.get(`${name}/${version}`)?.counter
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
          return [key, known?.text === text ? known : { text, counter: createWindowCounter(watch) }]
        }),
      )
    },
    take: () => [...counters.values()].flatMap(({ counter }) => counter.take(clock.nowMs())),
  }
}

/** Carries out the request. */
export function obeyMonitors({ watches }: MonitorRequest, board: MonitorBoard): RunnerAnswer {
  board.become(watches)
  return { ok: true }
}
