/** `skerry certificate ls` */
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export const listCertificates = command({
  name: 'certificate ls',
  summary: 'List the certificates of the hub, and the keys that it signs models with',
  details: 'Compare the fingerprint of the authority with the one that "skerry login" shows on another machine.',
  examples: ['skerry certificate ls', 'skerry certificate ls --json'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const found = await client.hub.certificates({}, { signal: session.signal })
    const { style } = session
    session.print({
      json: found,
      text: () => {
        const rows = found.certificates.map(({ use, subject, names, fingerprint, notAfterMs }) => [
          use,
          subject,
          names.join(', '),
          instantText(notAfterMs),
          fingerprint,
        ])
        const keys = found.signingKeys.map(({ keyId }) => ['signing key', undefined, undefined, undefined, keyId])
        return tableOf(style, ['USE', 'SUBJECT', 'NAMES', 'ENDS', 'FINGERPRINT'], [...rows, ...keys], 'none')
      },
    })
  },
})
