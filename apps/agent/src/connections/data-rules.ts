/**
 * Data rules: the sources that this device must not start, because their values are more sensitive than it may handle.
 * The limit is the lower one of the site's clearance, which the hub states, and of the clearance that the operator of
 * the computer states with --clearance. The second one counts whatever the hub says. The same holds for --country: the
 * device rejects data if its residency excludes the country of the site or that of --country.
 */
import type { ConnectionStatus } from '@skerry/contract/connections/connection'
import type { Clearance } from '@skerry/contract/values/clearance'
import { type DataPlace, lowerLimit, sourceViolation } from '@skerry/core/places/data-class'
import type { Clock } from '@skerry/platform/process/clock'
import type { ConnectionKeeper, HeldConnection } from './connection-keeper.ts'

export type DataRules = {
  /** The limit, and the classes of the equipment. */
  place(): DataPlace
  /** The sources that must not start, as the device reports them. */
  refused(): ConnectionStatus[]
}

type Deps = {
  keeper: Pick<ConnectionKeeper, 'connections' | 'site'>
  /** The limit of the computer itself. */
  clearance: Clearance | undefined
  /** The country of the computer itself. */
  country: string | undefined
  clock: Pick<Clock, 'nowMs'>
}

export function createDataRules({ keeper, clearance, country, clock }: Deps): DataRules {
  // The time of the first look counts, so that a repeated report has the same time.
  const since = new Map<string, number>()
  const sinceMs = (key: string) => {
    const known = since.get(key) ?? clock.nowMs()
    since.set(key, known)
    return known
  }
  const own = clearance && { clearance, words: 'this computer' }
  const place = (): DataPlace => {
    const site = keeper.site()
    const limit = lowerLimit(own, site && { clearance: site.clearance, words: `the site ${site.name}` })
    const held = keeper.connections()
    const countries = [
      ...(country === undefined ? [] : [{ country, words: 'this computer' }]),
      ...(site?.country === undefined ? [] : [{ country: site.country, words: `the site ${site.name}` }]),
    ]
    return { ...(limit && { limit }), countries, sources: classesIn(held, 'source'), sinks: classesIn(held, 'sink') }
  }
  return {
    place,
    refused() {
      const here = place()
      return keeper.connections().flatMap(({ kind, name, digest, classes }) => {
        const cause = kind === 'source' && classes ? sourceViolation(name, classes, here) : undefined
        if (!cause) since.delete(`${kind} ${name} ${digest}`)
        return cause
          ? [{ kind, name, digest, state: 'refused' as const, sinceMs: sinceMs(`${kind} ${name} ${digest}`), cause }]
          : []
      })
    },
  }
}

const classesIn = (held: readonly HeldConnection[], wanted: HeldConnection['kind']) =>
  new Map(held.flatMap(({ kind, name, classes }) => (kind === wanted && classes ? [[name, classes] as const] : [])))
