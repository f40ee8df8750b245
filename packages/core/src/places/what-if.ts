/** Changes of the world that a person tries out on a placement. */
import type { Placement, WhatIf } from '@skerry/contract/places/placement'
import type { PlaceFacts } from './place.ts'

type World = { policy: Placement; facts: PlaceFacts }

/** The world after the change. A site or device that does not exist changes nothing. */
export function changeWorld({ policy, facts }: World, change: WhatIf): World {
  if ('siteDown' in change) return { policy, facts: without(facts, ({ site }) => site.name === change.siteDown) }
  if ('deviceDown' in change) return { policy, facts: without(facts, ({ name }) => name === change.deviceDown) }
  return { policy: { ...policy, ...change }, facts }
}

function without(facts: PlaceFacts, isGone: (candidate: PlaceFacts['candidates'][number]) => boolean): PlaceFacts {
  return { ...facts, candidates: facts.candidates.filter((candidate) => !isGone(candidate)) }
}
