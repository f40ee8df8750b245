/**
 * Switch organisation: the session continues in another organisation, and so does this page. It shows the same path if
 * the other organisation has that object, else the overview. The page is loaded anew, so that no data of the previous
 * organisation remains.
 */

import { OPERATORS } from '@skerry/contract/people/organisation'
import { ConnectionId } from '@skerry/contract/values/ids'
import { hub } from '../hub/hub-client.ts'
import { forgetShown } from '../hub/shown-organisation.ts'

/** Throws if the hub rejects the switch. Otherwise the page navigates. */
export async function switchOrganisation(organisation: string): Promise<void> {
  await hub.account.switchOrganisation({ organisation })
  await goOnIn(organisation)
}

/** Continues in the session's current organisation. */
export async function goOnIn(organisation: string): Promise<void> {
  forgetShown()
  const { pathname, search } = window.location
  const stays = organisation !== OPERATORS && (await isThere(pathname))
  // The filter of a list stays. The tab and the selected record of an absent object are dropped.
  window.location.assign(stays ? `${pathname}${search}` : '/')
}

/** Fetches the object that the path names. A page that names no object exists in every organisation. */
async function isThere(pathname: string): Promise<boolean> {
  const [, noun = '', name, , version] = pathname.split('/').map(decodeURIComponent)
  const look = name === undefined ? undefined : LOOKS[noun]
  if (!look || name === undefined || PAGES.has(pathname)) return true
  try {
    await look(name, version)
    return true
  } catch {
    return false
  }
}

/** Paths in which a fixed word stands instead of a name. */
const PAGES: ReadonlySet<string> = new Set(['/models/upload', '/batches/new', '/sources/new'])

const LOOKS: Readonly<Record<string, (name: string, version: string | undefined) => Promise<unknown>>> = {
  sites: (site) => hub.site.get({ site }),
  devices: (device) => hub.device.get({ device }),
  deployments: (deployment) => hub.deployment.get({ deployment }),
  rollouts: (rollout) => hub.rollout.get({ rollout }),
  batches: (batch) => hub.batch.get({ batch }),
  sources: (connection) => hub.source.get({ connection: ConnectionId.parse(connection) }),
  models: (model, version) =>
    version === undefined ? hub.model.get({ name: model }) : hub.model.getVersion({ name: model, version }),
}
