import { becomeApp } from '../../program/app-process.ts'
import { asIs, command, flag, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'

export const checkUpgrade = command({
  name: 'hub upgrade',
  summary: 'Try the upgrade of the database that this version of the hub would make',
  details:
    'The dry run works on a copy of the database, and the hub may run meanwhile. The upgrade itself happens at the next start of the hub: ' +
    'it first copies the database to hub.sqlite.before-N, and logs each step. A hub never opens the database of a newer version.',
  examples: ['skerry hub upgrade --dry-run', 'skerry hub upgrade --dry-run --data /var/lib/skerry'],
  arguments: {},
  options: {
    isDryRun: flag('--dry-run', 'change nothing'),
    data: value('--data <folder>', 'data folder of the hub (default: $SKERRY_HOME/hub, or ~/.skerry/hub)', asIs),
  },
  output: 'none',
  async run({ isDryRun, data }, { io }) {
    if (!isDryRun) throw wrongUsage('the hub upgrades its database when it starts', 'add --dry-run to try it on a copy')
    becomeApp('@skerry/hub/main', ['--check-upgrade', ...(data === undefined ? [] : ['--data', data])], io)
  },
})
