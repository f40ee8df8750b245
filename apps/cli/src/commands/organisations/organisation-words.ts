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
  'address of the first owner; the hub sends the invitation there if it can send e-mail',
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

export const DEVICES = value(
  '--devices <count>',
  'number of devices that it may have, or none for no limit',
  boundOf(count),
)

export const STORAGE = value(
  '--storage <size>',
  'size of its model files, such as 50GiB, or none for no limit',
  boundOf(parseSize),
)

export const REQUESTS = value(
  '--requests-per-minute <count>',
  'requests per minute of its people and programs, at least 60, or none for no limit',
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
  if (isSent || link === undefined) return `its first owner got an invitation by e-mail, ${until}`
  return `the link for its first owner, ${until}; anybody who has it can use it:\n  ${link}`
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
    ['owner', hasOwner ? 'it has one' : 'no owner yet; "skerry org invite" invites again'],
  ])
