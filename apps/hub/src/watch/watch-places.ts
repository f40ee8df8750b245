/**
 * Watch places: how many streams are open at once. Each holds a connection and some 250 kB for days, so there is a bound for each caller, for
 * each organisation, and for each address within one: an organisation has at most half of what the others leave, so that none keeps all others
 * out. Behind a TCP proxy all organisations have one address, so no bound counts addresses across them.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'

/** Who watches: a key or a session of a person, from where, for which organisation. */
export type Watcher = { callerId: string; source: string; organisationId: OrganisationId }

export type WatchBound = 'caller' | 'address' | 'organisation'

export type WatchPlaces = {
  /** A place until it is disposed, or the bound that has been reached. */
  /** How many the organisation has. */
  ofOrganisation(id: OrganisationId): number
  take(watcher: Watcher): { ok: true; place: Disposable } | { ok: false; bound: WatchBound; max: number }
}

/** Browsers open six connections to one hub at most; a person has several of them, and a program needs one stream. */
const OF_CALLER_MAX = 32

/** A control room or an office behind one address, and a proxy before the hub. */
const OF_ADDRESS_MAX = 256

/** 250 MB in all. */
const PLACES_MAX = 1_000

/** Nobody watches. */
export function createWatchPlaces(): WatchPlaces {
  const callers = createCount()
  const addresses = createCount()
  const organisations = createCount()
  return {
    ofOrganisation: (id) => organisations.of(id),
    take({ callerId, source, organisationId }) {
      const address = `${organisationId} ${source}`
      const others = organisations.sum() - organisations.of(organisationId)
      const ofOrganisationMax = Math.floor((PLACES_MAX - others) / 2)
      if (callers.of(callerId) >= OF_CALLER_MAX) return { ok: false, bound: 'caller', max: OF_CALLER_MAX }
      if (addresses.of(address) >= OF_ADDRESS_MAX) return { ok: false, bound: 'address', max: OF_ADDRESS_MAX }
      if (organisations.of(organisationId) >= ofOrganisationMax)
        return { ok: false, bound: 'organisation', max: ofOrganisationMax }
      const place = new DisposableStack()
      place.use(callers.add(callerId))
      place.use(addresses.add(address))
      place.use(organisations.add(organisationId))
      return { ok: true, place }
    },
  }
}

/** Counts by name; a name with nothing is forgotten. */
function createCount() {
  const counts = new Map<string, number>()
  const of = (name: string) => counts.get(name) ?? 0
  return {
    of,
    sum: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    add(name: string): Disposable {
      counts.set(name, of(name) + 1)
      return {
        [Symbol.dispose]() {
          if (of(name) > 1) counts.set(name, of(name) - 1)
          else counts.delete(name)
        },
      }
    },
  }
}
