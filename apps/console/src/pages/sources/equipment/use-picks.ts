/**
 * Use picks: the places of the equipment that a person has picked. Their paths identify them, so a place with two rows
 * is picked once.
 */
import { useState } from 'react'
import { PICKED_MAX, type Pick } from './picked.ts'

export type Picks = ReadonlyMap<string, Pick>

export function usePicks() {
  const [picks, setPicks] = useState<Picks>(new Map())
  return {
    picks,
    /** Adds places up to the limit. */
    add: (more: readonly Pick[]) =>
      setPicks(
        (before) =>
          new Map([...before, ...more.map((pick) => [pick.path, pick] as const)].filter((_, at) => at < PICKED_MAX)),
      ),
    drop: (path: string) => setPicks((before) => new Map([...before].filter(([each]) => each !== path))),
    clear: () => setPicks(new Map()),
  }
}
