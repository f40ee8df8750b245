/** `skerry user invite` */
import { TenantRole } from '@skerry/contract/people/permissions'
import { RoleName } from '@skerry/contract/people/role'
import { Email } from '@skerry/contract/people/user'
import * as z from 'zod'
import { command, fits, fitsNumber, usually, value } from '../../program/command.ts'
import { parseDuration } from '../../program/values.ts'

export const inviteUser = command({
  name: 'user invite',
  summary: 'Invite people with a link, which is shown only once',
  details:
    'With an address, the link is valid for that address only, and the hub sends it there if it was started with --smtp-url. Without an address, ' +
    'anybody who has it can use it. Only the link goes to stdout.',
  examples: [
    'skerry user invite --email ann@plant.example --role viewer',
    'skerry user invite --role viewer --uses 10 --expires-in 1d',
  ],
  arguments: {},
  options: {
    email: value('--email <address>', 'e-mail address of the invited person', fits(Email)),
    role: usually('--role <role>', 'viewer', `${TenantRole.options.join(', ')}, or one of your own`, fits(RoleName)),
    usesMax: value(
      '--uses <count>',
      'number of people who may use it; 1 by default',
      fitsNumber(z.int().min(1).max(100)),
    ),
    expiresInSeconds: value('--expires-in <time>', 'how long it is valid; 7d by default', parseDuration),
  },
  async run(wish, session) {
    const { client } = await session.hub()
    const made = await client.invitation.create(wish, { signal: session.signal })
    const sent = made.isSent ? `, sent to ${made.invitation.email}` : ''
    session.note(session.style.dim(`An invitation as ${made.invitation.role}${sent}; its link is shown only once:`))
    session.print({ json: made, text: () => made.link })
  },
})
