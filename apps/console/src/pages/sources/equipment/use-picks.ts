/**
 * Use picks: which places of the equipment somebody has picked; by their paths, so that one that shows twice is picked
 * once.
 */
import { useState } from 'react'
import { PICKED_MAX, type Pick } from './picked.ts'

export type Picks = ReadonlyMap<string, Pick>

export function usePicks() {
  const [picks, setPicks] = useState<Picks>(new Map())
  return {
    picks,
    /** As many of them as may be picked at once. */
    add: (more: readonly Pick[]) =>
      setPicks(
        (before) =>
          new Map([...before, ...more.map((pick) => [pick.path, pick] as const)].filter((_, at) => at < PICKED_MAX)),
      ),
    drop: (path: string) => setPicks((before) => new Map([...before].filter(([each]) => each !== path))),
    clear: () => setPicks(new Map()),
  }
}
