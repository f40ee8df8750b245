/** The texts about sources, which their pages load. */
import type { ConnectionState } from '@skerry/contract/connections/connection'
import { type TableFlaw, tableFlawWords } from '@skerry/core/tags/tag-table'
import { number } from '../../texts/count.ts'

const states: Readonly<Record<ConnectionState | 'unsaid', string>> = {
  connecting: 'Connecting',
  up: 'Up',
  down: 'Down',
  crashed: 'Crashed',
  quarantined: 'Left alone',
  refused: 'Refused',
  unsaid: 'Not said yet',
}

const stateHints: typeof states = {
  connecting: 'The device tries to reach the equipment',
  up: 'The equipment answers',
  down: 'The equipment does not answer; the device tries again by itself',
  crashed: 'The library of the protocol ended; the device starts it again',
  quarantined: 'It ended too often within ten minutes, so the device has stopped trying',
  refused: 'The device cannot run what the source says; the reason stands beside it',
  unsaid: 'The device has not said anything about this source',
}

const devicesText = (count: number) => (count === 1 ? '1 device' : `${number.format(count)} devices`)
const tagsText = (count: number) => (count === 1 ? '1 tag' : `${number.format(count)} tags`)

export const sourcesTexts = {
  title: 'Sources',
  count: (rows: number) => (rows === 1 ? '1 source' : `${number.format(rows)} sources`),
  filter: 'Filter the sources',
  noMatch: 'No source fits the filter.',
  empty: 'No sources yet',
  emptyHint:
    'A source is a connection to equipment, such as a PLC: which tags it has, where they are and how often they are read.',
  create: 'New source',
  back: 'Sources',
  columns: { name: 'Name', scope: 'For', protocol: 'Protocol', tags: 'Tags', version: 'Version', set: 'Set' },
  scope: (scope: string) => (scope === 'organisation' ? 'all devices' : scope.replace(':', ' ')),
  by: (name: string) => `by ${name}`,
  unproven: 'not proven',
  unprovenWhole: 'not proven against real equipment',
  unprovenHint:
    'Run against peers of our own alone, and against no equipment: compare what it says with the equipment itself',
  tagsText,
  version: (version: number) => `version ${version}`,
  change: 'Change',
  remove: 'Remove',
  removeTitle: (name: string, scope: string) => `Remove the source ${name}, for ${scope}?`,
  removeLead: (devices: number | undefined) =>
    `It goes from the hub and from the devices that run it${devices === undefined ? '' : ` (${devicesText(devices)})`}. Flows that read its tags get no values any more.`,
  removed: (name: string) => `${name} is removed`,
  states,
  stateHints,
  devices: {
    title: 'Devices',
    lead: (count: number, overridden: number) =>
      `It counts on ${devicesText(count)}${overridden === 0 ? '' : `; on ${devicesText(overridden)} something more specific of this name does`}.`,
    none: 'It counts on no device yet: none is in its place, or each has a more specific one of this name.',
    columns: {
      device: 'Device',
      state: 'State',
      since: 'Since',
      rate: 'Values/s',
      note: 'What the device says',
      live: 'Values',
      restart: 'Restart',
    },
    live: 'Live values',
    liveOn: (device: string) => `Live values on ${device}`,
    behind: 'has not taken the newest version yet',
    figures: (skipped: number, lost: number, crashes: number) =>
      [
        skipped > 0 && `${number.format(skipped)} rounds left out`,
        lost > 0 && `${number.format(lost)} values that nobody took`,
        crashes > 0 && `${number.format(crashes)} ends within ten minutes`,
      ]
        .filter((text) => text !== false)
        .join(', '),
    more: (count: number) => `Show ${number.format(count)} more`,
    unnamed: (count: number) => `and ${number.format(count)} that are not named here`,
  },
  tags: {
    title: 'Tags',
    filter: 'Filter the tags',
    placeholder: 'Words of a name, a group, an address',
    columns: { name: 'Name', group: 'Group', every: 'Every', where: 'Address', unit: 'Unit', write: 'Write' },
    noMatch: 'No tag fits.',
    readOnly: 'read only',
    writable: (min: number | undefined, max: number | undefined) =>
      min === undefined && max === undefined ? 'any value' : `${min ?? '…'} to ${max ?? '…'}`,
    interlocked: 'interlocked',
    onlyWhile: (when: string) => `Only while ${when}`,
    export: 'Export as CSV',
  },
  edit: {
    newTitle: 'New source',
    changeTitle: (name: string) => `Change ${name}`,
    for: 'For',
    kinds: { organisation: 'all devices', site: 'the devices of a site', device: 'one device' },
    site: 'Site',
    device: 'Device',
    choose: 'Choose one',
    text: 'What it says, in YAML',
    file: 'Take a file',
    tags: 'Tags from CSV',
    table: ({ line, column, message }: TableFlaw) =>
      `Line ${number.format(line)} of the table: column ${column} ${tableFlawWords[message]}`,
    tableFirst: 'Write name, protocol and connection first; the tags come into that.',
    fileTooLarge: 'A file of more than 32 MiB is none that a hub takes.',
    checks: 'Checks',
    sound: (name: string, tags: number) => `${name}, ${tagsText(tags)}: nothing is wrong with it.`,
    unproven: (protocol: string) =>
      `${protocol} is not proven against real equipment: make a test read, and compare what it says with the equipment itself.`,
    blank: 'Write or take a source, and what is wrong with it shows here.',
    flaws: (count: number) => (count === 1 ? '1 mistake' : `${number.format(count)} mistakes`),
    line: (line: number) => `Line ${number.format(line)}`,
    named: 'the name stays: make another source for another name',
    protocol: (known: readonly string[]) => `must be one of ${known.join(', ')}`,
    unknownField: (field: string) => `${field} is no field of this`,
    reach: 'What it would do',
    changes: { created: 'It would be made', changed: 'It would be changed', unchanged: 'It would stay as it is' },
    would: (devices: number) =>
      devices === 0
        ? 'It counts on no device now.'
        : `${devicesText(devices)} would start or change to it within seconds:`,
    overridden: (devices: number) => `On ${devicesText(devices)} something more specific counts:`,
    more: (count: number) => `and ${number.format(count)} more`,
    waiting: 'Correct what is wrong first.',
    save: 'Save',
    cancel: 'Cancel',
    saved: (name: string, version: number) => `${name} is saved as version ${version}`,
    same: (name: string) => `${name} is as it was`,
    stale: 'Somebody else has changed it meanwhile. Copy what you wrote, load the page anew, and change that.',
    taken: (kind: 'source' | 'sink') =>
      `There is a ${kind} of this name for this place already. Change that one, or choose another name.`,
    comments: 'The hub keeps what it says, not the comments in its file.',
  },
} as const
