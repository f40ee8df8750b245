/** `skerry certificate request` */
import { command, usually } from '../../program/command.ts'

export const requestCertificate = command({
  name: 'certificate request',
  summary: 'Create a key for the next authority, and a request that your own CA signs',
  details:
    'The key stays in the hub, encrypted. The request goes to stdout. Have it signed as an authority (CA:TRUE, pathlen 0), and import the chain with "skerry certificate import".',
  examples: ['skerry certificate request --name "Plant hub" > hub.csr'],
  arguments: {},
  options: { commonName: usually('--name <text>', 'Skerry hub', 'common name in the request', (text) => text) },
  async run({ commonName }, session) {
    const { client } = await session.hub()
    const authority = await client.authority.request({ commonName }, { signal: session.signal })
    session.note(session.style.dim(`It is ${authority.id}.`))
    session.print({ json: authority, text: () => (authority.requestPem ?? '').trimEnd() })
  },
})
