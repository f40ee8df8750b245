/** `skerry org mine` */
import { command } from '../../program/command.ts'
import { readProfile } from '../../program/profile.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { keysOf } from './organisation-keys.ts'

export const listOwnOrganisations = command({
  name: 'org mine',
  summary: 'List your organisations, and those with a key on this machine',
  examples: ['skerry org mine'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client, connection } = await session.hub()
    const { rows } = await client.account.organisations({}, { signal: session.signal })
    const profile = await readProfile(session.io.env)
    const stored = profile?.hub === connection.hub ? keysOf(profile) : {}
    const listed = rows.map((row) => ({ ...row, hasKey: row.organisation in stored }))
    session.print({
      json: listed,
      text: () =>
        tableOf(
          session.style,
          ['NAME', 'ROLE', 'HERE', ''],
          listed.map(({ organisation, role, isThis, hasKey, isDisabled }) => [
            organisation,
            role,
            isThis ? 'in use' : hasKey ? 'key stored' : '-',
            isDisabled ? 'disabled' : '',
          ]),
          'none',
        ),
    })
  },
})
