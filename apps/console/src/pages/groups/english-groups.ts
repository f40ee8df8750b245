/** Texts of the pages about groups. */
import type { GroupPlan, GroupUse } from '@skerry/contract/groups/group'
import { count, number } from '../../texts/count.ts'

const kinds: Record<GroupUse['kind'], string> = {
  deployment: 'Deployment',
  campaign: 'Campaign',
  role: 'Scope of the role',
  'approval-rule': 'Approval rule for',
}

export const groupsTexts = {
  title: 'Groups',
  count: (rows: number) => count(rows, 'group'),
  filter: 'Filter the groups',
  noMatch: 'No group fits the filter.',
  empty: 'No groups yet',
  emptyHint:
    'A group is a selector with a name. Deployments, batches, roles and campaigns can name it: group:pumps. Its devices follow their labels and facts.',
  create: 'New group',
  back: 'Groups',
  columns: { name: 'Group', selector: 'Selector', description: 'Description', changed: 'Changed' },
  change: 'Change',
  remove: 'Remove',
  deploy: 'Deploy to it',
  removeTitle: (name: string) => `Remove the group ${name}?`,
  removeLead: 'Its devices stay as they are. The hub rejects this while something names the group.',
  removed: (name: string) => `The group ${name} is removed`,
  saved: (name: string) => `The group ${name} is saved`,
  members: {
    title: (devices: number) => `Members (${number.format(devices)})`,
    columns: { device: 'Device', site: 'Site' },
    none: 'No device fits the selector.',
    more: (devices: number) => `and ${count(devices, 'more device')}`,
    all: 'Show all in the list of devices',
  },
  rules: {
    title: 'Group',
    rows: { selector: 'Selector', written: 'In selectors', description: 'Description', changed: 'Changed' },
    by: (name: string) => `by ${name}`,
  },
  uses: { title: 'Used by', none: 'Nothing names the group yet.', kinds },
  dialog: {
    createTitle: 'New group',
    changeTitle: (name: string) => `Change the group ${name}`,
    lead: 'Devices join and leave everything that names the group, as if their labels had changed.',
    verb: 'Save',
    name: 'Name',
    nameError: '1 to 63 of a-z, 0-9 and -',
    selector: 'Selector',
    selectorHint: 'CEL over device and site: device.labels.kind == "pump"',
    selectorError: 'Write a selector',
    description: 'Description',
    waiting: 'The hub looks at the devices …',
  },
  plan: {
    same: (members: number) => `${count(members, 'member')}, as now`,
    members: (members: number) => `${count(members, 'member')} after the change`,
    joins: (devices: number) => `${count(devices, 'device')} ${devices === 1 ? 'joins' : 'join'}`,
    leaves: (devices: number) => `${count(devices, 'device')} ${devices === 1 ? 'leaves' : 'leave'}`,
    named: ({ count: total, devices }: GroupPlan['joins']) => {
      const names = devices.slice(0, NAMED_MAX).map(({ name }) => name)
      return [...names, ...(total > names.length ? [`${number.format(total - names.length)} more`] : [])].join(', ')
    },
    follows: (uses: readonly GroupUse[]) =>
      `This moves them in ${uses.map(({ kind, name }) => `${kinds[kind].toLowerCase()} ${name}`).join(', ')}.`,
  },
} as const

/** Names that fit on two lines of the dialog. */
const NAMED_MAX = 8
