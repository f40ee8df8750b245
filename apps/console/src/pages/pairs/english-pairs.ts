/** The texts of the card of a pair. */
import type { Pair, PairDevice } from '@skerry/contract/pairs/pair'

const states: Readonly<Record<Pair['state'], string>> = {
  protected: 'Protected: the other device takes over in 5 seconds',
  unprotected: 'Without protection',
  'none-active': 'No device is active',
  unknown: 'The devices have not reported yet',
}

const roles: Readonly<Record<NonNullable<PairDevice['role']>, string>> = {
  active: 'Active',
  passive: 'Passive',
  witness: 'Witness',
}

const reasons: Readonly<Record<NonNullable<Pair['active']>['reason'], string>> = {
  start: 'nobody was active before',
  lost: 'the other device fell silent',
  switched: 'planned switch',
}

export const pairTexts = {
  title: (name: string) => `Pair ${name}`,
  picture: (pair: Pair) =>
    `${pair.devices.map(({ device, role }) => `${device}: ${role === undefined ? 'not reported' : roles[role]}`).join(', ')}`,
  states,
  roles,
  reasons,
  notReported: 'Not reported',
  away: 'no connection to the hub',
  address: 'Virtual address',
  on: (address: string, device: string) => `${address} on ${device}`,
  since: 'Active since',
  reason: 'Last takeover',
  epoch: 'Epoch',
  switchTo: (device: string) => `A switch to ${device} is ordered.`,
  switchOver: 'Switch over',
  ask: (name: string, device: string) => `Switch ${name} to ${device}?`,
  askLead: (device: string) =>
    `Equipment is neither read nor written until ${device} has taken over. This takes about a second. The pair does not switch back by itself.`,
  ordered: (device: string) => `The switch to ${device} is ordered`,
  noActive: 'No device of this pair is active, so that none can give its part away.',
  otherAway: (device: string) => `The hub has no connection to ${device}, so that the pair cannot switch to it now.`,
  hint: (name: string, device: string) => `Before planned work: skerry pair switch ${name} ${device}`,
}
