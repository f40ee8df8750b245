/** `skerry certificate retire` */
import { AuthorityId } from '@skerry/contract/values/ids'
import { command, fits, flag, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const retireCertificate = command({
  name: 'certificate retire',
  summary: 'Trust an authority no more that does not sign any more',
  details:
    'Refused while devices show its certificates. With --force those devices are cut off, and must join again with a new token. Whoever has pinned its root signs in again, with the fingerprint of the next one; join tokens of before end.',
  examples: ['skerry certificate retire first'],
  arguments: { authority: required('<authority>', 'its id ("skerry certificate status")', fits(AuthorityId)) },
  options: { force: flag('--force', 'also while devices show its certificates'), yes: YES },
  async run({ authority, force, yes }, session) {
    const { client } = await session.hub()
    const { authorities, openTokens } = await client.authority.list({}, { signal: session.signal })
    const devices = authorities.find(({ id }) => id === authority)?.devices ?? 0
    if (openTokens > 0) session.note(`${openTokens} open join tokens may carry its fingerprint; make new ones`)
    const lost = force && devices > 0 ? `, and cut off ${devices} devices` : ''
    await session.confirm(`trust ${authority} no more${lost}`, yes)
    const retired = await client.authority.retire({ authority, force }, { signal: session.signal })
    const { pinned } = await client.authority.list({}, { signal: session.signal }).catch(() => ({ pinned: undefined }))
    session.print({
      json: retired,
      text: () => [`${retired.id} is retired`, ...(pinned ? [`pinned  ${pinned.fingerprint}`] : [])].join('\n'),
    })
  },
})
