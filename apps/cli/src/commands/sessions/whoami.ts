/** `skerry whoami` */
import { command } from '../../program/command.ts'

export const whoAmI = command({
  name: 'whoami',
  summary: 'Show your key or account, the hub and the permissions',
  examples: ['skerry whoami'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client, connection } = await session.hub()
    const { hub } = connection
    const me = await client.hub.me({}, { signal: session.signal })
    session.print({
      json: { hub, ...me },
      text: () =>
        `${me.name} (${me.roles.join(', ')} of ${me.organisation}) at ${hub}\nmay: ${me.permissions.join(', ')}${me.scope === undefined ? '' : `\nwhere: ${me.scope}`}`,
    })
  },
})
