/** Plan: the placement of 50 deployments on 10,000 devices, twice: the second plan must move nothing. */
import { isDeepStrictEqual } from 'node:util'
import { Placement } from '@skerry/contract/places/placement'
import { SiteKind } from '@skerry/contract/sites/site'
import { Clearance } from '@skerry/contract/values/clearance'
import { DeviceId } from '@skerry/contract/values/ids'
import { isPlaced, type PlaceCandidate, place } from '@skerry/core/places/place'

const DEVICES = 10_000
const DEPLOYMENTS = 50
const SITES = 500
const COUNTRIES = ['DE', 'FR', 'NL', 'US', 'CH'] as const

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

const idOf = (at: number) => {
  const digits = Array.from({ length: 8 }, (_, place) => LETTERS[Math.floor(at / 32 ** place) % 32])
  return DeviceId.parse(`dev_${digits.join('')}`)
}

/** The same fleet in every run. */
const fleet: readonly PlaceCandidate[] = Array.from({ length: DEVICES }, (_, at) => ({
  id: idOf(at),
  name: `device-${at}`,
  site: {
    name: `site-${at % SITES}`,
    kind: SiteKind.options[at % SiteKind.options.length] ?? 'edge',
    country: COUNTRIES[at % COUNTRIES.length],
    clearance: Clearance.options[(at * 7) % Clearance.options.length] ?? 'public',
  },
  silentSeconds: 0,
  cost: (at * 37) % 101,
  latencyMs: (at * 53) % 97,
  load: at % 4,
}))

const policyOf = (at: number) =>
  Placement.parse({
    replicas: 20 + at,
    dataClass: Clearance.options[at % 3],
    ...(at % 2 === 0 && { residency: ['EU'] }),
    ...(at % 3 === 0 && { spread: 'site' }),
    ...(at % 5 === 0 && { order: ['edge', 'onprem', 'cloud'] }),
  })

export function planFleet(): object {
  const plan = (current: readonly (readonly DeviceId[])[]) =>
    Array.from({ length: DEPLOYMENTS }, (_, at) => {
      const held = (current[at] ?? []).map((id) => ({ id, isActive: true, isLeaving: false }))
      const { candidates } = place(policyOf(at), { candidates: fleet, current: held, recentMoves: 0 })
      return candidates.filter(isPlaced).map(({ candidate }) => candidate.id)
    })
  plan([])
  const startMs = performance.now()
  const before = process.cpuUsage()
  const first = plan([])
  const planSeconds = (performance.now() - startMs) / 1_000
  const { user, system } = process.cpuUsage(before)
  const again = plan(first)
  return {
    devices: DEVICES,
    deployments: DEPLOYMENTS,
    planSeconds,
    /** Less than the time on a machine that has other work. */
    planCpuSeconds: (user + system) / 1_000_000,
    isDeterministic: isDeepStrictEqual(plan([]), first),
    movedWithoutReason: again.flatMap((ids, at) => ids.filter((id) => !first[at]?.includes(id))).length,
  }
}
