/** The texts of entitlements to listings. */
import type { EntitlementState } from '@skerry/contract/market/entitlement'
import { count } from '../../../texts/count.ts'

const states: Readonly<Record<EntitlementState, string>> = {
  valid: 'Valid',
  ending: 'Ends soon',
  grace: 'Days of grace',
  ended: 'Ended',
  untrusted: 'Key not trusted',
}

export const entitlementsTexts = {
  states,
  columns: { listing: 'Listing', devices: 'Devices', until: 'Until', state: 'State' },
  forEver: 'for ever',
  trial: 'trial',
  lead: 'Nothing that runs is ever stopped: an entitlement decides about new installations and upgrades only.',
  empty: 'No entitlements',
  emptyHint: 'Most listings need none. For the others, the publisher sends you a signed file, which you add here.',
  add: 'Add entitlement',
  addTitle: 'Add an entitlement',
  addLead: 'The file of the publisher is signed for this organisation. The hub checks it without a connection.',
  addVerb: 'Add',
  file: 'File of the publisher',
  noFile: 'Choose the file',
  wrongFile: 'This file is no entitlement. Ask the publisher for it.',
  added: (listing: string, devices: number) => `Entitled to ${listing} on ${count(devices, 'device')}`,
  emergency: 'Emergency period',
  emergencyTitle: 'Begin the emergency period of a device',
  emergencyLead:
    'The device runs the listing for 10 days without an entitlement. It is for a device that was replaced, and each device has it once.',
  emergencyVerb: 'Begin',
  emergencies: 'Emergency periods',
  emergencyColumns: { device: 'Device', listing: 'Listing', until: 'Until', reason: 'Reason' },
  listing: 'Listing',
  device: 'Device',
  reason: 'Reason',
  fields: 'Fill in the listing, the device and the reason',
  begun: (device: string) => `The period of ${device} has begun`,
} as const
