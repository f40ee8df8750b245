/** `skerry certificate rotate` */
import { AuthorityId } from '@skerry/contract/values/ids'
import { command, fits, usually, value } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { parseDuration } from '../../program/values.ts'

export const rotateCertificate = command({
  name: 'certificate rotate',
  summary: "Have another authority sign devices' certificates from now on; those before it stay trusted",
  details:
    'Without --authority the hub makes a new one of its own. Devices that are connected learn of it and renew, each at a moment that it draws; "skerry certificate status" shows how far they are. The hub shows itself by the old one until that is retired.',
  examples: ['skerry certificate rotate', 'skerry certificate rotate --authority ca_abcdefgh234567 --within 1h'],
  arguments: {},
  options: {
    authority: value('--authority <id>', 'one that is ready ("skerry certificate import")', fits(AuthorityId)),
    within: usually('--within <time>', '10m', 'over what time devices renew, up to 30d', parseWithin),
    yes: YES,
  },
  async run({ authority, within, yes }, session) {
    const { client } = await session.hub()
    await session.confirm("sign devices' certificates by another authority", yes)
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
