/** Changes of the world that a person tries out on a placement. */
import type { Placement, WhatIf } from '@skerry/contract/places/placement'
import { DeviceId } from '@skerry/contract/values/ids'
import type { PlaceCandidate, PlaceFacts } from './place.ts'

type World = {
  policy: Placement
  facts: PlaceFacts
  /** The devices that a site would get; undefined if there is no such site. */
  newDevice?: Omit<PlaceCandidate, 'id' | 'name'> | undefined
}

/** A further device of the class, as the first one by name is, and idle. Undefined if there is none. */
export function newDeviceOfClass(
  { candidates }: Pick<PlaceFacts, 'candidates'>,
  hardwareClass: string,
): Omit<PlaceCandidate, 'id' | 'name'> | undefined {
  const isMeant = (name: string | undefined) => name === hardwareClass || name?.startsWith(`${hardwareClass}-`)
  const [like] = candidates
    .filter((one) => isMeant(one.hardwareClass))
    .toSorted((a, b) => Number(a.name > b.name) - Number(a.name < b.name))
  if (!like) return undefined
  const { id: _id, name: _name, ...device } = like
  return { ...device, silentSeconds: 0, load: 0, isTaken: false }
}

/** The world after the change. A site or device that does not exist changes nothing. */
export function changeWorld({ policy, facts, newDevice }: World, change: WhatIf): World {
  if ('siteDown' in change) return { policy, facts: without(facts, ({ site }) => site.name === change.siteDown) }
  if ('deviceDown' in change) return { policy, facts: without(facts, ({ name }) => name === change.deviceDown) }
  if ('ofSite' in change) return { policy, facts: atSite(facts, change) }
  if ('load' in change) return { policy: underLoad(policy, change.load), facts }
  if ('addDevices' in change)
    return { policy, facts: newDevice ? withMore(facts, newDevice, change.addDevices) : facts }
  return { policy: { ...policy, ...change }, facts }
}

function without(facts: PlaceFacts, isGone: (candidate: PlaceCandidate) => boolean): PlaceFacts {
  return { ...facts, candidates: facts.candidates.filter((candidate) => !isGone(candidate)) }
}

function atSite(facts: PlaceFacts, change: Extract<WhatIf, { ofSite: string }>): PlaceFacts {
  const { ofSite, ...other } = change
  const candidates = facts.candidates.map((one) =>
    one.site.name === ofSite ? { ...one, site: { ...one.site, ...other } } : one,
  )
  return { ...facts, candidates }
}

/** A policy without a number of replicas has one on each device or at each site, whatever the load is. */
function underLoad(policy: Placement, factor: number): Placement {
  const { replicas, scaling } = policy
  if (typeof replicas !== 'number') return policy
  const needed = Math.max(1, Math.ceil(replicas * factor))
  return { ...policy, replicas: scaling ? Math.min(Math.max(needed, scaling.min), scaling.max) : needed }
}

/** Names that no device has. */
function withMore(facts: PlaceFacts, like: Omit<PlaceCandidate, 'id' | 'name'>, count: number): PlaceFacts {
  const names = new Set(facts.candidates.map(({ name }) => name))
  const fresh: PlaceCandidate[] = []
  for (let number = 1; fresh.length < count; number += 1) {
    const name = `new-${number}`
    if (!names.has(name)) fresh.push({ ...like, id: newId(number), name })
  }
  return { ...facts, candidates: [...facts.candidates, ...fresh] }
}

/** Sorts after the ids of devices, so that an equal device that exists is preferred. */
const newId = (number: number) =>
  DeviceId.parse(
    `dev_zzzzzzzz${number
      .toString(16)
      .padStart(4, '0')
      .replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? 'z')}`,
  )
