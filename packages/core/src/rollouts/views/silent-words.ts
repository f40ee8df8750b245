/** Silent words: the silent devices that a rollout waits for, in the words of the CLI and the console. */
import type { Rollout, SilentDevices } from '@skerry/contract/rollouts/rollout'

/** Such as `waits for 3 silent devices: press-1 and 2 more`. */
export function silentWords({ count, first }: SilentDevices, number: (value: number) => string = String): string {
  if (count === 1) return `waits for 1 silent device: ${first}`
  return `waits for ${number(count)} silent devices: ${first} and ${number(count - 1)} more`
}

/** The command that explains the first of them; undefined if the rollout waits for none. */
export const silentCommand = ({ deployment, silent }: Pick<Rollout, 'deployment' | 'silent'>): string | undefined =>
  silent && `skerry deployment explain ${deployment} ${silent.first}`
