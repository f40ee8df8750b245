/** Bench plan: the groups of candidates that run beside each other, and the sittings after which a device looks. */
import { SITTINGS_MIN } from './speed.ts'

/** Node and the runtime in a process of its own (measured: 95 MB before a model). */
const PROCESS_BYTES = 120_000_000

/** Weights are held as they are and once more packed for the processor, and activations come on top. */
const MODEL_FACTOR = 3

/** The memory that a device needs for a candidate, by the size of its files. */
const neededBytes = (sizeBytes: number) => PROCESS_BYTES + MODEL_FACTOR * sizeBytes

/**
 * Splits the builds so that each group and the version fit into the memory together. Undefined if the version and one
 * build do not.
 */
export function benchGroups<Sized extends { sizeBytes: number }>(
  { version, builds }: { version: Sized; builds: readonly Sized[] },
  memoryBytes: number,
): Sized[][] | undefined {
  const leftBytes = memoryBytes - neededBytes(version.sizeBytes)
  if (leftBytes < 0) return undefined
  const groups: Sized[][] = [[]]
  let usedBytes = 0
  for (const build of builds) {
    const bytes = neededBytes(build.sizeBytes)
    if (bytes > leftBytes) return undefined
    if (usedBytes + bytes > leftBytes) {
      groups.push([])
      usedBytes = 0
    }
    usedBytes += bytes
    groups.at(-1)?.push(build)
  }
  return groups
}

/** Each look is another chance to be wrong, so there are few: each comes after twice as many sittings. */
export const isLook = (sittings: number): boolean =>
  sittings >= SITTINGS_MIN && Number.isInteger(Math.log2(sittings / SITTINGS_MIN))

/** The rest after a turn, so that turns take only this share of the time. */
export const restMs = (turnMs: number, cpuPercent: number): number => turnMs * (100 / cpuPercent - 1)
