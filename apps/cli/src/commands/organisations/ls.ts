/** `skerry org ls` */
import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'
import { useFacts } from './organisation-words.ts'

export const listOrganisations = command({
  name: 'org ls',
  summary: 'List the organisations of the hub, and how much they use',
  examples: ['skerry org ls'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const rows = await allRows((page) => client.organisation.list(page, { signal }))
    session.print({
      json: rows,
      text: () =>
        tableOf(
          style,
          ['NAME', 'STATUS', 'DEVICES', 'STORAGE', 'REQUESTS/MIN', 'OWNER', 'CREATED'],
          rows.map(({ name, status, quota, use, hasOwner, createdAtMs }) => [
            name,
            status,
            ...useFacts({ quota, use }).map(([, text]) => text.replace(' a minute', '')),
            hasOwner ? 'yes' : 'invited',
            instantText(createdAtMs),
          ]),
          'no organisations',
        ),
    })
  },
})
