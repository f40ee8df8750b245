/** The texts of the rules for approvals, and of the authorities that sign certificates of devices. */
import { count, number } from '../../texts/count.ts'

const devicesText = (devices: number) => count(devices, 'device')
const shows = (devices: number, more = '') =>
  devices === 1 ? `1 device${more} uses` : `${number.format(devices)} devices${more} use`

export const approvalRuleTexts = {
  link: 'Rules',
  title: 'Actions that need two people',
  lead: 'You cannot approve your own request. If somebody switches a rule off, an alert names the person for a week.',
  production: 'Production devices (CEL)',
  productionHint:
    'Such as site.labels.stage == "production". Changes to deployments, sources, sinks and labels of these devices need two people. Empty: none',
  moderated: 'Devices whose terminals need a moderator (CEL)',
  moderatedHint: 'Another person must watch each terminal of these devices from its beginning to its end. Empty: none',
  picks: (picked: number, total: number) => `${devicesText(picked)} of ${number.format(total)}`,
  counting: 'Counting',
  switches: {
    batches: ['Batches', 'Send or retry a batch'],
    roles: ['Roles', 'Invite a person, give a role, create a key, create or change a role'],
    audit: ['Audit log', 'Remove archived records, set the retention, set the receiver'],
    access: ['Remote access', 'Get a grant for a terminal, a log, a port or files of a device'],
  },
  expires: 'A request or an approval is valid for',
  save: 'Save',
  saveTitle: 'Change the rules?',
  saved: 'The rules apply from now on',
  unchanged: 'Nothing is changed',
  on: (names: readonly string[]) => `Switched on: ${names.join(', ')}.`,
  off: (names: readonly string[]) => `Switched off: ${names.join(', ')}. That raises an alert.`,
  productionName: 'production',
  productionOther: 'Other devices are production from now on. That raises an alert.',
  moderatedName: 'terminals with a moderator',
  moderatedOther: 'Terminals of other devices need a moderator from now on. That raises an alert.',
  waits: (before: string, after: string) => `A request is valid for ${after} instead of ${before}.`,
} as const

export const authorityTexts = {
  title: "Authorities of devices' certificates",
  lead: 'One authority signs. Earlier ones stay valid until you retire them, so that devices have time to renew.',
  moved: 'Every known device uses a certificate of the authority that signs.',
  moving: (devices: number) => `${shows(devices, ' still')} a certificate of an earlier authority.`,
  alone: 'No rotation is under way.',
  states: {
    requested: 'waits for its certificate',
    ready: 'ready',
    active: 'signs',
    trusted: 'still valid',
    retired: 'retired',
  },
  columns: {
    id: 'Authority',
    state: 'State',
    devices: 'Devices',
    fingerprint: 'SHA-256',
    ends: 'Ends',
    acts: 'Actions',
  },
  unsigned: 'not signed yet',
  rotate: 'Rotate the authority',
  rotateTitle: 'Make another authority sign?',
  rotateLead: (devices: number) =>
    `${shows(devices)} a certificate of the current authority. Connected devices renew at random times. Other devices renew when they connect. No device is cut off before you retire an authority.`,
  next: 'Authority',
  own: 'a new one of the hub',
  within: 'Devices renew within',
  withins: {
    '0': 'at once',
    '600': '10 minutes',
    '3600': '1 hour',
    '86400': '1 day',
    '604800': '7 days',
    '2592000': '30 days',
  },
  rotated: (id: string) => `${id} signs from now on`,
  retire: 'Retire',
  retireLabel: (id: string) => `Retire ${id}`,
  retireTitle: (id: string) => `Retire the authority ${id}?`,
  retireLead: (devices: number, tokens: number) =>
    [
      devices === 0
        ? 'No known device uses a certificate of it.'
        : `${shows(devices, ' still')} a certificate of it. These devices are cut off, and must join again with a new token.`,
      'People who pinned its root must sign in again.',
      tokens > 0 && `${count(tokens, 'open join token')} may carry its fingerprint. Create new ones.`,
    ]
      .filter((part) => part !== false)
      .join(' '),
  retired: (id: string) => `${id} is retired`,
  cancel: 'Discard',
  cancelLabel: (id: string) => `Discard ${id}`,
  cancelTitle: (id: string) => `Discard the authority ${id} and its key?`,
  cancelLead: 'It has signed nothing. If your own CA signs its request now, the result is lost.',
  cancelled: (id: string) => `${id} is discarded`,
  elsewhere: 'You cannot change the authorities, because this hub has several organisations. Ask its operators.',
  csr: 'To use your own CA, run skerry certificate request, then skerry certificate import.',
} as const
