/** Texts of the tab with the settings of a device. */
import type { SettingsOnDevice } from '@skerry/contract/settings/device-settings'

const states: Record<SettingsOnDevice['state'], string> = {
  current: 'The device has applied them.',
  behind: 'The device has not confirmed them yet. It gets them when it connects.',
  none: 'No settings count on this device.',
}

const asSet: typeof states = { current: 'as set', behind: 'not confirmed yet', none: '' }

export const deviceSettingsTexts = {
  title: 'Settings',
  hint: 'Of each setting, the most specific place counts: the device, its site, the organisation.',
  states,
  asSet,
  none: 'No settings',
  noneHint: 'Set some for the organisation, a site or this device, for example:',
  command: 'the command',
  example: (device: string) => `skerry settings set device:${device} --set log-level=debug`,
  columns: { setting: 'Setting', value: 'Value', from: 'Set for', used: 'On the device' },
  overridden: (value: string) => `${value}, set by a batch`,
  system: {
    title: 'The machine',
    hint: 'The command line of the agent decides which settings of the machine it may change.',
    columns: { setting: 'Setting', state: 'State', reason: 'Reason', at: 'Since' },
    network: 'Network',
    states: {
      applied: 'Applied',
      trying: 'Waits for an answer of the hub',
      returned: 'Returned to the network before',
      refused: 'Not allowed',
      failed: 'Failed',
    } satisfies Record<NonNullable<SettingsOnDevice['system']>[number]['state'], string>,
  },
  facts: {
    title: 'Facts',
    hint: 'Selectors can use them: device.facts.NAME. The command line of the agent decides which ones it may read.',
    columns: { name: 'Fact', value: 'Value', at: 'Read' },
  },
  checks: {
    title: 'Network checks',
    columns: { target: 'Address', result: 'Reached', at: 'Tried' },
    reached: (milliseconds: number) => `in ${milliseconds} ms`,
  },
}
