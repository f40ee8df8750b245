/** `skerry key create` */

import { TenantRole } from '@skerry/contract/people/permissions'
import { RoleName } from '@skerry/contract/people/role'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required, usually, value } from '../../program/command.ts'
import { parseDuration } from '../../program/values.ts'

export const createKey = command({
  name: 'key create',
  summary: 'Create an API key; its secret is shown only once',
  details: 'Only the secret goes to stdout, so scripts can use $(skerry key create ...).',
  examples: ['skerry key create ci --role owner --expires-in 90d', 'skerry key create dashboard'],
  arguments: { name: required('<name>', 'name of the new key', fits(Name)) },
  options: {
    role: usually('--role <role>', 'viewer', `${TenantRole.options.join(', ')}, or one of your own`, fits(RoleName)),
    expiresInSeconds: value('--expires-in <time>', 'how long it is valid; forever by default', parseDuration),
  },
  async run({ name, role, expiresInSeconds }, session) {
    const { client } = await session.hub()
    const made = await client.key.create({ name, role, expiresInSeconds }, { signal: session.signal })
    session.note(session.style.dim(`The secret of ${made.key.name} (${made.key.role}), shown only once:`))
    session.print({ json: made, text: () => made.secret })
  },
})
