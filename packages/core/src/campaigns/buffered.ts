/**
 * Buffered: [FedBuff, Nguyen 2022] devices train without waiting for each other. The hub makes a step as soon as its
 * buffer has enough updates, whichever rounds they began in. The device that has reported begins again at once.
 */
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { CampaignCourse } from './course.ts'

/** The most rounds by which an update may be older; undefined if the devices of a round wait for each other. */
export const staleMaxOf = ({ strategy }: Pick<CampaignSpec, 'strategy'>): number | undefined =>
  strategy.kind === 'fedbuff' ? strategy.staleMax : undefined

/** [FedBuff, section 5] An old update points away from where the weights are now, so it counts less. */
export const staleFactor = (rounds: number): number => 1 / Math.sqrt(1 + rounds)

type Standing = Pick<CampaignCourse, 'phase' | 'isPaused' | 'round' | 'lastRound'>

/** Whether an update that began in the round can still count. Reports also arrive between two steps. */
export function isInBuffer({ phase, isPaused, round: now, lastRound }: Standing, round: number, staleMax: number) {
  const isTraining = phase === 'select' || phase === 'train' || phase === 'aggregate'
  return isTraining && !isPaused && now <= lastRound && round <= now && now - round <= staleMax
}
