/** `skerry certificate rotate` */
import { AuthorityId } from '@skerry/contract/values/ids'
import { command, fits, usually, value } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { parseDuration } from '../../program/values.ts'

export const rotateCertificate = command({
  name: 'certificate rotate',
  summary: 'Let another authority sign device certificates from now on; earlier authorities stay trusted',
  details:
    'Without --authority, the hub creates a new one of its own. Connected devices learn of it and renew at random times; "skerry certificate status" shows their progress. The hub\'s own server certificate comes from the old authority until that is retired.',
  examples: ['skerry certificate rotate', 'skerry certificate rotate --authority ca_abcdefgh234567 --within 1h'],
  arguments: {},
  options: {
    authority: value('--authority <id>', 'an authority that is ready ("skerry certificate import")', fits(AuthorityId)),
    within: usually('--within <time>', '10m', 'period in which devices renew, up to 30d', parseWithin),
    yes: YES,
  },
  async run({ authority, within, yes }, session) {
    const { client } = await session.hub()
    await session.confirm('sign device certificates with another authority', yes)
    const wish = { ...(authority !== undefined && { authority }), withinSeconds: within }
    const active = await client.authority.rotate(wish, { signal: session.signal })
    session.print({
      json: active,
      text: () => `${active.id} signs from now on: ${active.subject}\nfingerprint  ${active.fingerprint}`,
    })
  },
})

/** [contract, rotate.withinSeconds] */
function parseWithin(text: string): number {
  const seconds = parseDuration(text)
  if (seconds > 2_592_000) throw new Error('must be 30d at most')
  return seconds
}
