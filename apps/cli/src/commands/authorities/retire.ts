/** `skerry certificate retire` */
import { AuthorityId } from '@skerry/contract/values/ids'
import { command, fits, flag, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const retireCertificate = command({
  name: 'certificate retire',
  summary: 'Stop trusting an authority that no longer signs',
  details:
    'Rejected while devices use its certificates. With --force, those devices are cut off and must join again with a new token. People who have pinned its root must sign in again, with the fingerprint of the next authority. Earlier join tokens end.',
  examples: ['skerry certificate retire first'],
  arguments: { authority: required('<authority>', 'its id ("skerry certificate status")', fits(AuthorityId)) },
  options: { force: flag('--force', 'also while devices use its certificates'), yes: YES },
  async run({ authority, force, yes }, session) {
    const { client } = await session.hub()
    const { authorities, openTokens } = await client.authority.list({}, { signal: session.signal })
    const devices = authorities.find(({ id }) => id === authority)?.devices ?? 0
    if (openTokens > 0) session.note(`${openTokens} open join tokens may have its fingerprint; create new ones`)
    const lost = force && devices > 0 ? `, and cut off ${devices} devices` : ''
    await session.confirm(`stop trusting ${authority}${lost}`, yes)
    const retired = await client.authority.retire({ authority, force }, { signal: session.signal })
    const { pinned } = await client.authority.list({}, { signal: session.signal }).catch(() => ({ pinned: undefined }))
    session.print({
      json: retired,
      text: () => [`${retired.id} is retired`, ...(pinned ? [`pinned  ${pinned.fingerprint}`] : [])].join('\n'),
    })
  },
})
