/** Free name: what a device that joins is called when the name that it would like is taken. */

import type { JoinRequest } from '@skerry/contract/joining/join'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { isNameTaken } from '../devices/device-store.ts'
import type { Identifiers } from '../identity/identifiers.ts'
import type { Db } from '../store/store.ts'

type Wish = {
  organisationId: OrganisationId
  input: Pick<JoinRequest, 'name'> & { inventory: Pick<JoinRequest['inventory'], 'hostname'> }
  ids: Pick<Identifiers, 'device'>
}

/** -2 to -9 is what people would write; a fleet of clones gets letters instead, so that joining never has to count thousands. */
const NUMBERED_MAX = 9

/** A name is a DNS label; a suffix of 8 must still fit. */
const BASE_MAX = 54

/** The wish itself, else with a number, else with 7 letters of a new id. */
export async function freeName(db: Db, { organisationId, input, ids }: Wish): Promise<string> {
  const wish = input.name ?? nameOfHost(input.inventory.hostname)
  if (!(await isNameTaken(db, organisationId, wish))) return wish
  const base = trimmed(wish.slice(0, BASE_MAX))
  for (let number = 2; number <= NUMBERED_MAX; number++) {
    const name = `${base}-${number}`
    if (!(await isNameTaken(db, organisationId, name))) return name
  }
  return `${base}-${ids.device().slice(4, 11)}`
}

/** A host name in the words of a name: its first label, lower case. */
function nameOfHost(hostname: string): string {
  const [label = ''] = hostname.toLowerCase().split('.')
  return trimmed(label.replaceAll(/[^a-z0-9-]/g, '-').slice(0, 63)) || 'device'
}

const trimmed = (text: string) => text.replaceAll(/^-+|-+$/g, '')
