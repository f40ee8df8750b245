import { carryOut } from '@skerry/client/market/carry-out'
import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { INSTALLATION } from './upgrade.ts'

export const uninstallListing = command({
  name: 'market uninstall',
  summary: 'Remove the deployments, sources and sinks of an installation; its versions stay',
  examples: ['skerry market uninstall pump-watch --yes'],
  arguments: { name: INSTALLATION },
  options: { yes: YES },
  async run({ name, yes }, session) {
    const { client } = await session.hub()
    const { signal } = session
    await session.confirm(`remove the deployments, sources and sinks of ${name} from its devices`, yes)
    const plan = await client.market.uninstall({ name }, { signal })
    await carryOut(client, { name, steps: plan.steps }, ({ outcome }) => session.note(outcome), signal)
    const stays = plan.stays.map((text) => `stays: ${text}`)
    session.print({ json: plan, text: () => [`removed ${name}`, ...stays].join('\n') })
  },
})
