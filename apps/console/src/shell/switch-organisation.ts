/**
 * Switch organisation: the session goes on in another one, and this page with it: to what it shows where the other organisation has that, else
 * to the overview. The page is loaded anew, so that nothing of the one before is left in it.
 */

import { OPERATORS } from '@skerry/contract/people/organisation'
import { ConnectionId } from '@skerry/contract/values/ids'
import { hub } from '../hub/hub-client.ts'
import { forgetShown } from '../hub/shown-organisation.ts'

/** Throws where the hub refuses; else the page goes. */
export async function switchOrganisation(organisation: string): Promise<void> {
  await hub.account.switchOrganisation({ organisation })
  await goOnIn(organisation)
}

/** Goes on where the session is by now. */
export async function goOnIn(organisation: string): Promise<void> {
  forgetShown()
  const { pathname, search } = window.location
  const stays = organisation !== OPERATORS && (await isThere(pathname))
  // What a list was filtered by stays; the tab and the record of something that is not there go with it.
  window.location.assign(stays ? `${pathname}${search}` : '/')
}

/** Asks for what the path names. A page that names nothing is there everywhere. */
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

/** Where a word stands that is no name. */
const PAGES: ReadonlySet<string> = new Set(['/models/upload', '/batches/new', '/sources/new'])

const LOOKS: Readonly<Record<string, (name: string, version: string | undefined) => Promise<unknown>>> = {
  sites: (site) => hub.site.get({ site }),
  devices: (device) => hub.device.get({ device }),
  deployments: (deployment) => hub.deployment.get({ deployment }),
  rollouts: (rollout) => hub.rollout.get({ rollout }),
  batches: (batch) => hub.batch.get({ batch }),
  sources: (connection) => hub.source.get({ connection: ConnectionId.parse(connection) }),
  models: (model, version) =>
    version === undefined ? hub.model.get({ model }) : hub.model.getVersion({ model, version }),
}
