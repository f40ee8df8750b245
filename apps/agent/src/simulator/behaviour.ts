/**
 * Behaviour: the devices of a simulated fleet that do not always work. The seed decides, so that the same fleet can be
 * simulated again.
 */
import { Behaviour, type BehaviourShares } from '@skerry/contract/devices/simulation'

/**
 * The behaviours of `count` devices, in their order: exact shares, spread by chance. If the sum of the shares is over
 * 1, the end is cut.
 */
export function assignBehaviours(
  count: number,
  shares: BehaviourShares,
  random: () => number,
): (Behaviour | undefined)[] {
  const assigned = Behaviour.options
    .flatMap((name) => new Array<Behaviour | undefined>(Math.round(count * (shares[name] ?? 0))).fill(name))
    .slice(0, count)
  while (assigned.length < count) assigned.push(undefined)
  return shuffle(assigned, random)
}

/** [Fisher-Yates] The list is shuffled in place. */
function shuffle<T>(list: T[], random: () => number): T[] {
  for (let index = list.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    const a = list[index] as T
    const b = list[other] as T
    list[index] = b
    list[other] = a
  }
  return list
}
