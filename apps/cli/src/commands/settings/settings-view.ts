/** Settings view: the settings of places, and those that count on a device, as text. */
import type {
  CheckResult,
  FactReading,
  SettingOrigin,
  SettingsDrift,
  SettingsLayer,
  SettingsOnDevice,
  SettingsPlan,
} from '@skerry/contract/settings/device-settings'
import type { SystemReading } from '@skerry/contract/settings/system-settings'
import { unitedSettings } from '@skerry/core/settings/layered-settings'
import { stringify } from 'yaml'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, instantText } from '../../program/terminal/words.ts'

export const layersTable = (layers: readonly SettingsLayer[], style: Style): string =>
  tableOf(
    style,
    ['PLACE', 'SETTINGS', { wide: 'CHANGED' }, { wide: 'BY' }],
    layers.map(({ scope, settings, changedAtMs, changedBy }) => [
      scope,
      unitedSettings([{ scope, settings }])
        .origins.map(({ setting }) => setting)
        .join(', '),
      instantText(changedAtMs),
      changedBy,
    ]),
    'no settings yet; create some with "skerry settings set organisation --set log-level=debug"',
  )

export const layerText = (
  { scope, settings, revision, changedAtMs, changedBy }: SettingsLayer,
  drift: SettingsDrift | undefined,
  style: Style,
): string =>
  `${factsOf(style, [
    ['place', scope],
    ['revision', revision],
    ['changed', `${instantText(changedAtMs)} by ${changedBy}`],
    ['not confirmed', drift && devicesText(drift.behind)],
    ['set by a batch', drift && devicesText(drift.overridden)],
  ])}\n\n${stringify(settings).trimEnd()}`

const STATES: Readonly<Record<SettingsOnDevice['state'], string>> = {
  current: 'applied',
  behind: 'sent when the device connects, not confirmed yet',
  none: 'no settings count on this device',
}

export function deviceSettingsText(found: SettingsOnDevice, style: Style): string {
  const { device, state, saidAtMs, origins, facts, checks, system = [] } = found
  const head = factsOf(style, [
    ['device', device],
    ['state', STATES[state]],
    ['reported', saidAtMs === undefined ? undefined : instantText(saidAtMs)],
  ])
  const parts = [
    tableOf(style, ['SETTING', 'VALUE', 'FROM', 'ON THE DEVICE'], origins.map(originRow), 'no settings'),
    ...(system.length > 0 ? [tableOf(style, ['MACHINE', 'STATE', 'REASON', 'SINCE'], system.map(systemRow), '')] : []),
    ...(facts.length > 0 ? [tableOf(style, ['FACT', 'VALUE', 'READ'], facts.map(factRow), 'no facts')] : []),
    ...(checks.length > 0 ? [tableOf(style, ['ADDRESS', 'REACHED', 'TRIED'], checks.map(checkRow), 'no checks')] : []),
  ]
  return [head, ...parts].join('\n\n')
}

const originRow = ({ setting, value, scope, overriddenBy }: SettingOrigin) => [
  setting,
  value,
  scope,
  overriddenBy === undefined ? '' : `${overriddenBy}, set by a batch`,
]

const systemRow = ({ setting, state, problem, atMs }: SystemReading) => [
  setting,
  state,
  problem ?? '',
  instantText(atMs),
]

const factRow = ({ name, value, problem, atMs }: FactReading) => [name, value ?? problem ?? '', instantText(atMs)]

const checkRow = ({ target, milliseconds, problem, atMs }: CheckResult) => [
  target,
  milliseconds === undefined ? (problem ?? '') : `in ${milliseconds} ms`,
  instantText(atMs),
]

/** Names that one line of a plan shows. */
const NAMED_MAX = 10

/** The number of devices, and some of their names. */
function devicesText({ count, names }: SettingsPlan['devices']): string {
  const shown = names.slice(0, NAMED_MAX)
  const more = count - shown.length
  const named = count === 0 ? '' : `: ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`
  return `${countText(count, 'device')}${named}`
}

export function settingsPlanText(scope: string, { change, devices, unaffected }: SettingsPlan): string {
  const verbs = { create: 'are new', update: 'change', remove: 'are removed', none: 'stay as they are' }
  const rest = unaffected > 0 ? `; ${countText(unaffected, 'device')} of the place not affected` : ''
  return `the settings of ${scope} ${verbs[change]}, on ${devicesText(devices)}${rest}`
}
