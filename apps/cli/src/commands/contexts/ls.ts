import { command } from '../../program/command.ts'
import { listNamedContexts } from '../../program/sign-in/contexts.ts'
import { tableOf } from '../../program/terminal/table.ts'

export const listContexts = command({
  name: 'context ls',
  summary: 'List contexts: the hubs that this machine is signed in to',
  examples: ['skerry context ls', 'skerry context ls -o name'],
  arguments: {},
  options: {},
  async run(_, session) {
    const contexts = await listNamedContexts(session.io.env)
    const rows = contexts.map(({ name, isCurrent, profile: { hub, organisation } }) => ({
      name,
      isCurrent,
      hub,
      ...(organisation !== undefined && { organisation }),
    }))
    session.print({
      json: rows,
      text: () =>
        tableOf(
          session.style,
          ['CURRENT', 'NAME', 'HUB', 'ORGANISATION'],
          rows.map(({ name, isCurrent, hub, organisation }) => [isCurrent ? '*' : '-', name, hub, organisation]),
          'no contexts; sign in with "skerry login https://HUB:8443"',
        ),
    })
  },
})
