/** Organisation words: how organisations of the hub are named on a command line, and shown. */

import { type OwnerInvitation, type Tenant, TenantName } from '@skerry/contract/people/organisation'
import { Email } from '@skerry/contract/people/user'
import { Name } from '@skerry/contract/values/names'
import { fits, required, value } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { instantText, sizeText } from '../../program/terminal/words.ts'
import { parseSize } from '../../program/values.ts'

export const ORGANISATION = required('<organisation>', 'name of the organisation', fits(Name))

export const NEW_ORGANISATION = required('<organisation>', 'name of the new organisation', fits(TenantName))

export const OWNER_EMAIL = value(
  '--owner-email <address>',
  'who may take the invitation; it goes there by e-mail where the hub sends any',
  fits(Email),
)

/** `500`, or `none`. */
const boundOf =
  (parse: (text: string) => number) =>
  (text: string): number | null =>
    text === 'none' ? null : parse(text)

const count = (text: string) => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new Error('must be a whole number, or none')
  return number
}

export const DEVICES = value('--devices <count>', 'how many devices it may have, or none for no bound', boundOf(count))

export const STORAGE = value(
  '--storage <size>',
  'how much its model files may take, such as 50GiB, or none for no bound',
  boundOf(parseSize),
)

export const REQUESTS = value(
  '--requests-per-minute <count>',
  'how often its people and programs may ask, at least 60, or none for no bound',
  boundOf(count),
)

/** Rows that say what is used, of what. */
export const useFacts = ({ quota, use }: Pick<Tenant, 'quota' | 'use'>): [string, string][] => [
  ['devices', ofText(use.devices, quota.devices, String)],
  ['storage', ofText(use.storageBytes, quota.storageBytes, sizeText)],
  ['requests', `${ofText(use.requestsPerMinute, quota.requestsPerMinute, String)} a minute`],
]

/** `3 of 10`, or `3` where there is no bound. */
export const ofText = (used: number, max: number | undefined, show: (amount: number) => string): string =>
  max === undefined ? show(used) : `${show(used)} of ${show(max)}`

/** How the first owner comes in. */
export function invitationText({ link, isSent, expiresAtMs }: OwnerInvitation): string {
  const until = `until ${instantText(expiresAtMs)}`
  if (isSent || link === undefined) return `its first owner has an invitation by e-mail, ${until}`
  return `its first owner comes by this link, ${until}; whoever has it can take it:\n  ${link}`
}

/** The organisation for people to read. */
export const organisationText = (
  style: Style,
  { name, id, status, disabled, createdAtMs, hasOwner, quota, use }: Tenant,
): string =>
  factsOf(style, [
    ['name', name],
    ['id', id],
    ['status', status],
    ['disabled', disabled && `${instantText(disabled.atMs)}: ${disabled.reason}`],
    ['made', instantText(createdAtMs)],
    ...useFacts({ quota, use }),
    ['owner', hasOwner ? 'there is one' : 'nobody yet; "skerry org invite" invites again'],
  ])
