/** The texts of the pages about sources. */
import { type ReportedState, reportWords } from '@skerry/core/connections/report-words'
import { type TableFlaw, tableFlawWords } from '@skerry/core/tags/tag-table'
import { count, number } from '../../texts/count.ts'
import { inLanguage } from '../../texts/in-language.ts'

const states: Readonly<Record<ReportedState, string>> = {
  connecting: 'Connecting',
  up: 'Up',
  down: 'Down',
  crashed: 'Crashed',
  quarantined: 'Quarantined',
  refused: 'Rejected',
  silent: 'Silent',
  unsaid: 'Not reported yet',
}

const stateHints: typeof states = {
  connecting: 'The device tries to reach the equipment',
  up: 'The equipment answers',
  down: 'The equipment does not answer; the device tries again by itself',
  crashed: 'The library of the protocol crashed; the device restarts it',
  quarantined: 'It crashed too often within ten minutes, so the device stopped it',
  refused: 'The device cannot run this source; the message has the reason',
  silent: 'The device does not report now, so the state is unknown',
  unsaid: 'The device has not reported this source',
}

const devicesText = (count: number) => (count === 1 ? '1 device' : `${number.format(count)} devices`)
const tagsText = (count: number) => (count === 1 ? '1 tag' : `${number.format(count)} tags`)

export const sourcesTexts = inLanguage('sources', {
  title: 'Sources',
  count: (rows: number) => (rows === 1 ? '1 source' : `${number.format(rows)} sources`),
  filter: 'Filter the sources',
  noMatch: 'No source fits the filter.',
  empty: 'No sources yet',
  emptyHint:
    'A source is a connection to equipment, such as a PLC. It defines the tags, their addresses and their rates.',
  create: 'New source',
  back: 'Sources',
  toMonitors: 'Its monitor',
  toAlarm: 'Alarm at a limit',
  columns: { name: 'Name', scope: 'For', protocol: 'Protocol', tags: 'Tags', version: 'Version', set: 'Set' },
  scope: (scope: string) => (scope === 'organisation' ? 'all devices' : scope.replace(':', ' ')),
  by: (name: string) => `by ${name}`,
  unproven: 'not proven',
  unprovenWhole: 'not proven against real equipment',
  unprovenHint: 'Tested only against our own simulators. Compare its values with the equipment.',
  tagsText,
  version: (version: number) => `version ${version}`,
  change: 'Change',
  remove: 'Remove',
  removeTitle: (name: string, scope: string) => `Remove the source ${name}, for ${scope}?`,
  removeLead: (devices: number | undefined) =>
    `This removes it from the hub and from its devices${devices === undefined ? '' : ` (${devicesText(devices)})`}. Flows that read its tags get no more values.`,
  removed: (name: string) => `${name} is removed`,
  states,
  stateHints,
  reports: {
    columns: { state: 'State', rate: 'Values/s', since: 'Down since', error: 'Last error' },
    unknown: 'unknown',
    states: reportWords,
  },
  devices: {
    title: 'Devices',
    lead: (count: number, overridden: number) =>
      `It applies to ${devicesText(count)}${overridden === 0 ? '' : `; on ${devicesText(overridden)} a more specific one of this name applies`}.`,
    none: 'It applies to no device yet: its scope has none, or each has a more specific one of this name.',
    columns: {
      device: 'Device',
      state: 'State',
      since: 'Since',
      rate: 'Values/s',
      note: 'Message',
      live: 'Values',
      restart: 'Restart',
    },
    live: 'Live values',
    liveOn: (device: string) => `Live values on ${device}`,
    behind: 'does not have the newest version yet',
    figures: (skipped: number, lost: number, crashes: number) =>
      [
        skipped > 0 && `${count(skipped, 'round')} skipped`,
        lost > 0 && `${count(lost, 'value')} lost`,
        crashes > 0 && `${count(crashes, 'crash', 'crashes')} within ten minutes`,
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
    text: 'Definition (YAML)',
    file: 'Choose a file',
    tags: 'Tags from CSV',
    table: ({ line, column, message }: TableFlaw) =>
      `Line ${number.format(line)} of the table: column ${column} ${tableFlawWords[message]}`,
    tableFirst: 'Write name, protocol and connection first. The tags are added to them.',
    fileTooLarge: 'The file is too large: the hub accepts at most 32 MiB.',
    checks: 'Checks',
    sound: (name: string, tags: number) => `${name}, ${tagsText(tags)}: no mistakes.`,
    unproven: (protocol: string) =>
      `${protocol} is not proven against real equipment. Make a test read, and compare its values with the equipment.`,
    blank: 'Write a source or choose a file. Mistakes appear here.',
    flaws: (count: number) => (count === 1 ? '1 mistake' : `${number.format(count)} mistakes`),
    line: (line: number) => `Line ${number.format(line)}`,
    named: 'you cannot change the name: create another source',
    protocol: (known: readonly string[]) => `must be one of ${known.join(', ')}`,
    unknownField: (field: string) => `${field} is not a field here`,
    reach: 'Effect',
    changes: { created: 'It would be created', changed: 'It would be changed', unchanged: 'It would not change' },
    would: (devices: number, isSame: boolean) => {
      if (devices === 0) return 'It applies to no device now.'
      return isSame
        ? `${devicesText(devices)} run it like this:`
        : `${devicesText(devices)} would start or change to it within seconds:`
    },
    overridden: (devices: number) => `On ${devicesText(devices)} a more specific one applies:`,
    more: (count: number) => `and ${number.format(count)} more`,
    waiting: 'Write a definition without mistakes first.',
    placeFirst: 'Choose the device or the site first.',
    save: 'Save',
    cancel: 'Cancel',
    saved: (name: string, version: number) => `${name} is saved as version ${version}`,
    same: (name: string) => `${name} is unchanged`,
    stale:
      'You cannot save, because somebody else has changed it. Copy your text, reload the page, and change it there.',
    taken: (kind: 'source' | 'sink') =>
      `A ${kind} of this name exists for this scope. Change that one, or choose another name.`,
    comments: 'The hub stores no comments. Keep your own file if you need them.',
  },
} as const)
