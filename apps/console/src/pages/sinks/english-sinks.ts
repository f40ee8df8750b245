/** The texts of the pages about sinks. */
import { count, number } from '../../texts/count.ts'

const devicesText = (devices: number) => count(devices, 'device')

export const sinksTexts = {
  title: 'Sinks',
  count: (rows: number) => count(rows, 'sink'),
  filter: 'Filter the sinks',
  noMatch: 'No sink fits the filter.',
  empty: 'No sinks yet',
  emptyHint:
    'A sink is a destination for values of devices, such as a database or a broker. The hub itself needs none.',
  back: 'Sinks',
  columns: { name: 'Name', scope: 'For', protocol: 'Protocol', version: 'Version', set: 'Set' },
  scope: (scope: string) => (scope === 'organisation' ? 'all devices' : scope.replace(':', ' ')),
  by: (name: string) => `by ${name}`,
  version: (version: number) => `version ${version}`,
  create: 'New sink',
  change: 'Change',
  remove: 'Remove',
  removeTitle: (name: string, scope: string) => `Remove the sink ${name}, for ${scope}?`,
  removeLead: (devices: number | undefined) =>
    `This removes it from the hub and from its devices${devices === undefined ? '' : ` (${devicesText(devices)})`}. Values that wait in its queues stay on their disks, unsent. Flows that use it wait for another sink of its name.`,
  removed: (name: string) => `${name} is removed`,
  said: 'Definition',
  edit: {
    newTitle: 'New sink',
    changeTitle: (name: string) => `Change ${name}`,
    blank: 'Write a sink or choose a file. Mistakes appear here.',
    sound: (name: string, protocol: string) => `${name}, over ${protocol}: no mistakes.`,
    named: 'you cannot change the name: create another sink',
    queues: 'Values that wait in its queues stay on the devices while you change it.',
    secrets: 'Instead of a password, name a secret: { secret: NAME }. Set secrets in the settings.',
  },
  devices: {
    title: 'Devices',
    lead: (devices: number, overridden: number) =>
      `It applies to ${devicesText(devices)}${overridden === 0 ? '' : `; on ${devicesText(overridden)} a more specific one of this name applies`}.`,
    none: 'It applies to no device yet: its scope has none, or each has a more specific one of this name.',
    columns: {
      device: 'Device',
      state: 'State',
      since: 'Since',
      waiting: 'Waiting',
      oldest: 'Oldest',
      lost: 'Lost',
      rate: 'Delivered/s',
      note: 'Message',
    },
    states: {
      connecting: 'Connecting',
      up: 'Up',
      down: 'Down',
      crashed: 'Crashed',
      quarantined: 'Quarantined',
      refused: 'Rejected',
      silent: 'Silent',
      unsaid: 'Not reported yet',
    },
    stateHints: {
      connecting: 'The device tries to reach it; values wait on its disk',
      up: 'It accepts values',
      down: 'It does not accept values; they wait on the disk, and the device tries again by itself',
      crashed: 'Its thread crashed; the device restarts it',
      quarantined: 'It crashed too often within ten minutes, so the device stopped it',
      refused: 'The device cannot run this sink; the message has the reason',
      silent: 'The device does not report now, so the state is unknown',
      unsaid: 'The device has not reported this sink',
    },
    waiting: (values: number, size: string) => (values === 0 ? 'nothing' : `${number.format(values)} (${size})`),
    lost: (values: number) => (values === 0 ? 'none' : number.format(values)),
    behind: 'does not have the newest version yet',
    crashes: (crashes: number) => `${count(crashes, 'crash', 'crashes')} within ten minutes`,
    more: (devices: number) => `Show ${number.format(devices)} more`,
    unnamed: (devices: number) => `and ${number.format(devices)} that are not named here`,
  },
} as const
