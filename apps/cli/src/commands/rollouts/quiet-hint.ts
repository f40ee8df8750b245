/** Quiet hint: names the command that explains a rollout, once nothing has changed for a minute. */
import type { Rollout } from '@skerry/contract/rollouts/rollout'

/** A device loads and proves most versions within a minute, with its ten seconds of probation. */
export const QUIET_MS = 60_000

export type QuietHint = Disposable & {
  /** Starts the minute again. */
  heard(rollout: Pick<Rollout, 'deployment' | 'status'>): void
}

/** Says nothing about a rollout that has ended or waits for a person: the other texts name the next step. */
export function quietHint(say: (text: string) => void): QuietHint {
  let timer: NodeJS.Timeout | undefined
  return {
    heard({ deployment, status }) {
      clearTimeout(timer)
      if (status !== 'rolling') return
      const text = `no change for a minute: "skerry rollout show ${deployment}" lists its waves and devices, "skerry deployment explain ${deployment} DEVICE" has the reason`
      timer = setTimeout(() => say(text), QUIET_MS)
      timer.unref()
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}
