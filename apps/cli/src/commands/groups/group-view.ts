/** Group view: groups, their members and plans as text. */
import type { Group, GroupDetail, GroupDevices, GroupPlan, GroupUse } from '@skerry/contract/groups/group'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, instantText } from '../../program/terminal/words.ts'

export const groupsTable = (groups: readonly Group[], style: Style): string =>
  tableOf(
    style,
    ['NAME', 'SELECTOR', 'DESCRIPTION', { wide: 'CHANGED' }, { wide: 'BY' }],
    groups.map(({ name, spec, changedAtMs, changedBy }) => [
      name,
      spec.selector,
      spec.description,
      instantText(changedAtMs),
      changedBy,
    ]),
    'no groups yet; create one with "skerry group set"',
  )

export function groupText(group: GroupDetail, style: Style): string {
  const { name, spec, members, uses, changedAtMs, changedBy } = group
  const facts = factsOf(style, [
    ['name', name],
    ['selector', spec.selector],
    ['description', spec.description],
    ['members', members.count],
    ['used by', uses.map(useText).join(', ') || 'nothing'],
    ['changed', `${instantText(changedAtMs)} by ${changedBy}`],
  ])
  return `${facts}\n\n${devicesText(members, style)}`
}

const useText = ({ kind, name }: GroupUse) => `${kind} ${name}`

function devicesText({ count, devices }: GroupDevices, style: Style): string {
  const rows = devices.map(({ name, site }) => [name, site])
  const more = count - devices.length
  const rest = more > 0 ? `\n${style.dim(`and ${more} more; "skerry device ls --selector group:NAME" lists all`)}` : ''
  return `${tableOf(style, ['DEVICE', 'SITE'], rows, 'no device is a member')}${rest}`
}

/** Names that one line of a plan shows. */
const NAMED_MAX = 10

/** The devices that join and leave, and the things that follow. */
export function groupPlanText(name: string, { change, joins, leaves, memberCount, uses }: GroupPlan): string {
  const line = (word: string, { count, devices }: GroupDevices) =>
    count === 0 ? [] : [`  ${countText(count, 'device')} ${word}: ${namedText(devices, count)}`]
  const verbs = { create: 'is new', update: 'changes', none: 'stays as it is' }
  const followed = uses.length === 0 ? 'nothing uses it' : `used by ${uses.map(useText).join(', ')}`
  return [
    `the group ${name} ${verbs[change]}: ${countText(memberCount, 'member')}, ${followed}`,
    ...line(joins.count === 1 ? 'joins' : 'join', joins),
    ...line(leaves.count === 1 ? 'leaves' : 'leave', leaves),
  ].join('\n')
}

function namedText(devices: GroupDevices['devices'], count: number): string {
  const names = devices.slice(0, NAMED_MAX).map(({ name }) => name)
  return [...names, ...(count > names.length ? [`${count - names.length} more`] : [])].join(', ')
}
