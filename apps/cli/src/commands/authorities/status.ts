/** `skerry certificate status` */
import type { Authority } from '@skerry/contract/authorities/authority'
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export const showCertificateStatus = command({
  name: 'certificate status',
  summary: 'List the authorities of device certificates, and how many devices use each',
  details:
    'One authority signs (active); earlier ones are valid until they are retired (trusted). A device counts for the authority of the certificate that it used last.',
  examples: ['skerry certificate status', 'skerry certificate status --json'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const found = await client.authority.list({}, { signal: session.signal })
    const { pinned, openTokens } = found
    session.print({
      json: found,
      text: () =>
        [
          tableOf(
            session.style,
            ['ID', 'STATE', 'DEVICES', 'SUBJECT', 'ISSUER', 'ENDS', 'FINGERPRINT'],
            found.authorities.map(rowOf),
            'none',
          ),
          '',
          `pinned       ${pinned.fingerprint}${pinned.isCustomers ? ' (--tls-ca)' : ''}`,
          `join tokens  ${openTokens} open`,
        ].join('\n'),
    })
  },
})

const rowOf = ({ id, state, devices, subject, issuer, notAfterMs, fingerprint }: Authority) => [
  id,
  state,
  devices,
  subject,
  issuer,
  instantText(notAfterMs),
  fingerprint,
]
