import { movesText } from '@skerry/client/manifests/group-manifest'
import type { GroupSpec } from '@skerry/contract/groups/group'
import { GroupSpec as GroupSpecSchema } from '@skerry/contract/groups/group'
import { groupTag } from '@skerry/contract/values/entity-tag'
import { Name, SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { YES } from '../../program/options.ts'
import { groupPlanText } from './group-view.ts'
import { knownGroup } from './known-group.ts'

export const setGroup = command({
  name: 'group set',
  summary: 'Create a group, or change it',
  details:
    'Shows the devices that join and leave, and the deployments, campaigns, roles and rules that name the group. If devices leave a group ' +
    'that something uses, the command asks for confirmation. Any selector can name the group: --to group:NAME.',
  examples: [
    `skerry group set pumps --selector 'device.labels.kind == "pump"'`,
    `skerry group set pumps --selector 'device.labels.kind == "pump" && site.country == "NO"' --dry-run`,
    'skerry deploy anomaly --to group:pumps',
  ],
  arguments: { group: required('<group>', 'name of the group', fits(Name)) },
  options: {
    selector: value('--selector <cel>', 'expression that picks the members', fits(SelectorText)),
    description: value(
      '--description <text>',
      'purpose of the group',
      fits(GroupSpecSchema.shape.description.unwrap()),
    ),
    isDryRun: flag('--dry-run', 'show the devices that would join and leave, and change nothing'),
    yes: YES,
  },
  async run({ group: name, selector, description, isDryRun, yes }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const known = await knownGroup(client, name, signal)
    const text = selector ?? known?.spec.selector
    if (text === undefined) throw wrongUsage('--selector is missing', 'a new group needs one')
    const spec: GroupSpec = { ...known?.spec, selector: text, ...(description !== undefined && { description }) }
    const plan = await client.group.plan({ group: name, spec }, { signal })
    if (isDryRun) {
      session.print({ json: { dryRun: true, plan }, text: () => groupPlanText(name, plan) })
      return
    }
    session.note(groupPlanText(name, plan))
    const moves = movesText(name, plan)
    if (moves !== undefined) await session.confirm(moves, yes)
    const context = known ? { ifMatch: groupTag(known) } : { ifNoneMatch: '*' as const }
    const { change, group } = await client.group.set({ group: name, spec }, { signal, context })
    session.print({
      json: { change, group, plan },
      text: () => `${change === 'unchanged' ? 'kept' : change} the group ${name}`,
    })
  },
})
