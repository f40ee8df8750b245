/** The texts about sinks, which their pages load. */
import { count, number } from './count.ts'

const devicesText = (devices: number) => count(devices, 'device')

export const sinksTexts = {
  title: 'Sinks',
  count: (rows: number) => count(rows, 'sink'),
  filter: 'Filter the sinks',
  noMatch: 'No sink fits the filter.',
  empty: 'No sinks yet',
  emptyHint:
    'A sink is where values leave devices to, such as a database or a broker. It is set on the command line: skerry sink set FILE. The hub itself needs none.',
  back: 'Sinks',
  columns: { name: 'Name', scope: 'For', protocol: 'Protocol', version: 'Version', set: 'Set' },
  scope: (scope: string) => (scope === 'organisation' ? 'all devices' : scope.replace(':', ' ')),
  by: (name: string) => `by ${name}`,
  version: (version: number) => `version ${version}`,
  remove: 'Remove',
  removeTitle: (name: string, scope: string) => `Remove the sink ${name}, for ${scope}?`,
  removeLead: (devices: number | undefined) =>
    `It goes from the hub and from the devices that run it${devices === undefined ? '' : ` (${devicesText(devices)})`}. What waits in its queues stays on their disks, unsent; flows that tell it wait for another of its name.`,
  removed: (name: string) => `${name} is removed`,
  said: 'What it says',
  devices: {
    title: 'Devices',
    lead: (devices: number, overridden: number) =>
      `It counts on ${devicesText(devices)}${overridden === 0 ? '' : `; on ${devicesText(overridden)} something more specific of this name does`}.`,
    none: 'It counts on no device yet: none is in its place, or each has a more specific one of this name.',
    columns: {
      device: 'Device',
      state: 'State',
      since: 'Since',
      waiting: 'Waiting',
      oldest: 'Oldest',
      lost: 'Lost',
      rate: 'Taken/s',
      note: 'What the device says',
    },
    states: {
      connecting: 'Connecting',
      up: 'Up',
      down: 'Down',
      crashed: 'Crashed',
      quarantined: 'Left alone',
      refused: 'Refused',
      unsaid: 'Not said yet',
    },
    stateHints: {
      connecting: 'The device tries to reach it; values wait on its disk',
      up: 'It takes values',
      down: 'It does not take values; they wait on the disk, and the device tries again by itself',
      crashed: 'Its thread ended; the device starts it again',
      quarantined: 'It ended too often within ten minutes, so the device has stopped trying',
      refused: 'The device cannot run what the sink says; the reason stands beside it',
      unsaid: 'The device has not said anything about this sink',
    },
    waiting: (values: number, size: string) => (values === 0 ? 'nothing' : `${number.format(values)} (${size})`),
    lost: (values: number) => (values === 0 ? 'none' : number.format(values)),
    behind: 'has not taken the newest version yet',
    crashes: (crashes: number) => `${count(crashes, 'end')} within ten minutes`,
    more: (devices: number) => `Show ${number.format(devices)} more`,
    unnamed: (devices: number) => `and ${number.format(devices)} that are not named here`,
  },
} as const
