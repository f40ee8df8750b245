/** Texts of the forms for the settings of agents. */
import type { PlainSetting, SettingsDrift, SettingsPlan } from '@skerry/contract/settings/device-settings'
import { type SettingForm, settingForms } from '@skerry/core/settings/setting-forms'
import { count } from '../../../texts/count.ts'

/** Each setting that is a single value: its name, and the value of a device without it. */
const settings: Record<PlainSetting, { label: string; hint: string; usual: string }> = {
  logLevel: {
    label: 'Log level',
    hint: 'The least important lines that agents write.',
    usual: 'the one of the command line',
  },
  reportIntervalMinSeconds: {
    label: 'Report interval',
    hint: 'The least time between reports without a change.',
    usual: 'a report as often as the hub asks',
  },
  diskFreeMinMb: {
    label: 'Free disk space',
    hint: 'This part of the disk stays free, whatever arrives.',
    usual: '256 MB',
  },
  networkChecks: {
    label: 'Network checks',
    hint: 'Addresses that devices connect to each minute. One HOST:PORT on each line.',
    usual: 'no checks',
  },
  hostName: {
    label: 'Host name',
    hint: 'Of one device. Its agent must allow it: --allow-system name.',
    usual: 'the name of the machine',
  },
  timeZone: {
    label: 'Time zone',
    hint: 'Such as Europe/Berlin. The agent must allow it: --allow-system time.',
    usual: 'the zone of the machine',
  },
  proxy: {
    label: 'Proxy to the hub',
    hint: 'Such as http://proxy.example.com:3128, or direct. A device tries it, and keeps its last way if the hub does not answer.',
    usual: 'the option --proxy of the agent',
  },
  timeServers: {
    label: 'Time servers',
    hint: 'One on each line. The agent must allow it: --allow-system time.',
    usual: 'those of the machine',
  },
  downloadMbPerDay: {
    label: 'Download budget',
    hint: 'Files of versions that a device fetches in a day (UTC). The rest waits for the next day.',
    usual: 'no budget',
  },
  downloadRates: {
    label: 'Download rates',
    hint: 'The most bytes in a second, by the hours of the day. One line such as 06:00-22:00 Europe/Berlin 256 kB/s for each.',
    usual: 'as fast as the line allows',
  },
  siteDownloadMbPerDay: {
    label: 'Download budget of a site',
    hint: 'Files of versions that the hub sends to all devices of a site in a day (UTC). Of a site or the organisation.',
    usual: 'no budget',
  },
  siteCaches: {
    label: 'Caches of the site',
    hint: 'Devices that keep files for their neighbours. One line such as press-4=10.0.0.7:8600 for each; start its agent with --site-cache.',
    usual: 'files come from the hub',
  },
}

const units: Record<Extract<SettingForm, { kind: 'number' }>['unit'], string> = { s: 'in seconds', MB: 'in MB' }

const named = ({ count: all, names }: SettingsPlan['devices']) => {
  const shown = names.slice(0, 8).join(', ')
  return all > 8 ? `${shown} and ${count(all - 8, 'more', 'more')}` : shown
}

export const agentsTexts = {
  title: 'Settings of agents',
  lead: 'Of each setting, the most specific place counts: the device, its site, the organisation.',
  none: 'No place has settings yet. Devices use the values of their command lines.',
  columns: { place: 'Place', settings: 'Settings', drift: 'Devices', changed: 'Changed', acts: 'Actions' },
  place: (scope: string) => (scope === 'organisation' ? 'Organisation' : scope.replace(/^(site|device):/, '$1 ')),
  by: (name: string) => `by ${name}`,
  set: 'Set for a place',
  change: 'Change',
  changeLabel: (place: string) => `Change the settings of ${place}`,
  onDevice: 'Open the device',
  notSet: 'nothing is set',
  places: 'Places',
  placesHint: 'A change reaches the devices at once, without a restart.',
  settings,
  /** The label of a setting; facts and locks have names of their own. */
  labelOf: (setting: string) =>
    (Object.entries(settings).find(([name]) => name === setting)?.[1].label ?? setting).replace(
      /^(fact|lock|network) /,
      (word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`,
    ),
  /** The value with the unit of its setting. */
  valueOf: (setting: string, value: string) => {
    const form = Object.entries(settingForms).find(([name]) => name === setting)?.[1]
    return form?.kind === 'number' ? `${value} ${form.unit}` : value
  },
  units,
  /** The value of a field that is left empty. */
  inherited: (value: string, place: string) => `Empty: ${value}, from ${place}.`,
  usual: (value: string) => `Empty: ${value}.`,
  range: (min: number, max: number) => `${min} to ${max}.`,
  inherit: 'Leave it to less specific places',
  rules: {
    label: 'Facts, locks and network',
    hint: 'In YAML, as in the guide. Entries of several places are united by name.',
    inherited: (names: string) => `From less specific places: ${names}.`,
  },
  dialog: {
    title: (place: string) => `Settings of agents: ${place}`,
    newTitle: 'Settings of agents for a place',
    for: 'For',
    kinds: { organisation: 'all devices', site: 'the devices of a site' },
    site: 'Site',
    verb: 'Save',
    waiting: 'The hub computes the devices…',
    same: 'Nothing would change.',
    removes: 'All fields are empty: this removes the settings of the place.',
    saved: (place: string) => `The settings of ${place} are saved`,
  },
  plan: {
    changes: (plan: SettingsPlan) =>
      plan.devices.count === 0
        ? 'No device gets other values.'
        : `${count(plan.devices.count, 'device gets', 'devices get')} other values: ${named(plan.devices)}`,
    unaffected: (devices: number) =>
      `${count(devices, 'device')} of the place ${devices === 1 ? 'keeps its' : 'keep their'} values.`,
  },
  drift: {
    none: 'all as set',
    behind: (devices: SettingsDrift['behind']) =>
      `${count(devices.count, 'device has', 'devices have')} not confirmed: ${named(devices)}`,
    overridden: (devices: SettingsDrift['overridden']) =>
      `${count(devices.count, 'device has', 'devices have')} values of a batch: ${named(devices)}`,
  },
  problem: {
    yaml: (message: string) => `This is no YAML: ${message}`,
    keys: 'Only the keys facts, locks and network belong here.',
  },
} as const
