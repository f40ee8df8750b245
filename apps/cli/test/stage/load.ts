/** Load: asks an agent's model again and again, whatever happens to it, and keeps account of every answer and every failure. */

import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '@skerry/client/problem'
import { askAnomaly, type Build } from './anomaly.ts'

export type Tally = {
  /** Right answers, by version. */
  answered: Map<number, number>
  /** Requests without an answer, by why. */
  failed: Map<string, number>
  /** Answers that no version gives under its number. */
  wrong: string[]
}

/** Some twenty requests a second and device: enough to meet every switch, and little beside the restarts. */
const PAUSE_MS = 50

export const newTally = (): Tally => ({ answered: new Map(), failed: new Map(), wrong: [] })

/** Until the signal fires. Every answer must be the whole answer of the version that it names. */
export async function ask(
  url: string,
  builds: ReadonlyMap<number, Build>,
  { answered, failed, wrong }: Tally,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { version, build } = await askAnomaly(url)
      if (builds.get(version) === build) count(answered, version)
      else wrong.push(`version ${version} answered as ${build}`)
    } catch (error) {
      count(failed, reasonOf(error))
    }
    await sleep(PAUSE_MS)
  }
}

/** `connection` where nobody answered at all: fetch throws a TypeError for that, and for nothing else. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return 'connection'
  if (error instanceof ProblemError) return `${error.problem.status} ${error.problem.message}`
  return String(error)
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
