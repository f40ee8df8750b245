/** Certify behaviour: the results of level 2 for a listing, whose files lie in a folder or in a catalogue. */
import type { Digest } from '@skerry/contract/values/digest'
import { checkBehaviour } from '@skerry/core/market/checks/check-behaviour'
import { type CheckedListing, type CheckResult, draftWithSamples } from '@skerry/core/market/checks/check-listing'
import type { RehearsedApps } from '@skerry/core/market/checks/container-facts'
import { planRehearsal } from '@skerry/core/market/checks/rehearsal-plan'
import { rehearseApps } from './containers/rehearse-apps.ts'
import { rehearsePlan } from './rehearse-plan.ts'
import { tryNeighbours } from './try-neighbours.ts'

export type RunListing = CheckedListing & {
  contentOf: (digest: Digest) => AsyncIterable<Uint8Array>
  /** The container engine of this machine, for apps. */
  engineSocket: string
  /** The catalogue that has the versions before; undefined if nobody named one. */
  catalogue?: string | undefined
}

/** Level 1 must have passed: a changed file is never run. */
export async function behaviourOf(listed: RunListing, signal: AbortSignal): Promise<CheckResult[]> {
  const { listing, files, contentOf, engineSocket } = listed
  const draft = draftWithSamples(listed)
  if (!draft.ok) throw new Error(`a listing that passed level 1 has no draft: ${draft.message}`)
  const planned = planRehearsal(listing, draft, (digest) => files.get(digest)?.document)
  const neighbours = await tryNeighbours(listed, signal)
  if (!planned.ok) return checkBehaviour({ listing, draft, first: planned, second: planned, apps: NO_APPS, neighbours })
  const { apps, ...plan } = planned.plan
  const runs = await rehearsePlan(plan, listed, signal)
  const containers = await rehearseApps({ apps, contentOf, socket: engineSocket }, signal)
  return checkBehaviour({ listing, draft, ...runs, apps: containers, neighbours })
}

const NO_APPS = { ok: true, apps: [] } satisfies RehearsedApps
