/** Behaviour: which devices of a simulated fleet differ from one that always works. The seed decides, so that the same fleet comes again. */
import { Behaviour, type BehaviourShares } from '@skerry/contract/devices/simulation'

/** The behaviours of `count` devices, in their order: exact shares, spread by chance. Shares over 1 in sum are cut at the end. */
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

/** [Fisher-Yates] In place. */
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
