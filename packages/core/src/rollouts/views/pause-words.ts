/** Pause words: the origin of a pause, and the person or thing that ends it. */
import type { Rollout } from '@skerry/contract/rollouts/rollout'

type Facts = Pick<Rollout, 'status' | 'pausedBy' | 'deployment' | 'wave'> & { waves: readonly { name: string }[] }

/** Whether the rollout is paused because its strategy says so, and all is well. */
export const isPlannedPause = ({ status, pausedBy }: Pick<Rollout, 'status' | 'pausedBy'>): boolean =>
  status === 'paused' && pausedBy === 'plan'

/** The origin in a sentence; undefined if the rollout is not paused, a gate paused it, or the hub is too old to know. */
export function pauseWords({ status, pausedBy, wave, waves }: Omit<Facts, 'deployment'>): string | undefined {
  if (status !== 'paused') return undefined
  if (pausedBy === 'plan')
    return `planned pause after wave ${waves[wave]?.name ?? wave + 1}, which has passed; it continues when a person resumes it`
  return pausedBy === 'person' ? 'a person paused it; it continues when a person resumes it' : undefined
}

/** The command that ends a pause without a problem. */
export const resumeCommand = (rollout: Facts): string | undefined =>
  pauseWords(rollout) && `skerry rollout resume ${rollout.deployment} --reason REASON`
