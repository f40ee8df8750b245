/** The texts about what needs two people, and about the authorities of devices' certificates; their pages load them. */
import { count, number } from '../../texts/count.ts'

const devicesText = (devices: number) => count(devices, 'device')
const shows = (devices: number, more = '') =>
  devices === 1 ? `1 device${more} shows` : `${number.format(devices)} devices${more} show`

export const approvalRuleTexts = {
  link: 'Rules',
  title: 'What needs two people',
  lead: 'Whoever asks is not who says yes. What is switched off raises an alert for a week, with who did it.',
  production: 'Production: devices for which this is true',
  productionHint:
    'Such as site.labels.stage == "production". A deployment, source or sink that has one of them needs two people, and so do other labels for one. Empty: none does',
  picks: (picked: number, total: number) => `${devicesText(picked)} of ${number.format(total)}`,
  counting: 'Counting',
  switches: {
    batches: ['Batches', 'Sending a batch, and sending it again'],
    roles: ['Roles', 'Inviting somebody, giving a role, making a key, making or changing a role'],
    audit: ['Audit trail', 'Removing what was archived of it, how long it is kept, where it is sent'],
  },
  expires: 'A request waits, and an approval counts, for',
  save: 'Save',
  saveTitle: 'Change what needs two people?',
  saved: 'The rules count from now on',
  unchanged: 'Nothing is changed',
  on: (names: readonly string[]) => `Switched on: ${names.join(', ')}.`,
  off: (names: readonly string[]) => `Switched off: ${names.join(', ')}. That raises an alert.`,
  productionName: 'production',
  productionOther: 'Other devices are production from now on. That raises an alert.',
  waits: (before: string, after: string) => `A request waits for ${after} in place of ${before}.`,
} as const

export const authorityTexts = {
  title: "Authorities of devices' certificates",
  lead: 'One signs. Those before it count until they are retired, so that devices have time to renew.',
  moved: 'Every device that was seen shows a certificate of the one that signs.',
  moving: (devices: number) => `${shows(devices, ' still')} a certificate of one that signs no more.`,
  alone: 'No rotation is under way.',
  states: {
    requested: 'waits for its certificate',
    ready: 'ready',
    active: 'signs',
    trusted: 'counts still',
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
  rotate: 'Have another one sign',
  rotateTitle: 'Have another authority sign from now on?',
  rotateLead: (devices: number) =>
    `${shows(devices)} a certificate of the one that signs now. Those that are connected renew, each at a moment that it draws; those that are away do so when they come back. Nothing is cut off before an authority is retired.`,
  next: 'Which one',
  own: 'a new one that the hub makes',
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
  retireTitle: (id: string) => `Trust the authority ${id} no more?`,
  retireLead: (devices: number, tokens: number) =>
    [
      devices === 0
        ? 'No device that was seen shows a certificate of it.'
        : `${shows(devices, ' still')} a certificate of it. What shows one is cut off, and must join again with a new token.`,
      'Whoever has pinned its root signs in again.',
      tokens > 0 && `${count(tokens, 'open join token')} may carry its fingerprint: make new ones.`,
    ]
      .filter((part) => part !== false)
      .join(' '),
  retired: (id: string) => `${id} is retired`,
  cancel: 'Forget',
  cancelLabel: (id: string) => `Forget ${id}`,
  cancelTitle: (id: string) => `Forget the authority ${id}, with its key?`,
  cancelLead: 'It has signed nothing. A request that your own CA is signing just now is lost.',
  cancelled: (id: string) => `${id} is forgotten`,
  elsewhere: 'There are several organisations on this hub: its operators look after its authorities.',
  csr: 'One that your own CA has made is asked for and handed in on the command line: skerry certificate request, skerry certificate import.',
} as const
