import { command } from '../../program/command.ts'

export const showAuditKey = command({
  name: 'audit key',
  summary: 'Print the public key for the checkpoints of the audit log',
  details:
    'Keep it elsewhere before you need it: "skerry audit verify FILE --key audit.pub" then does not have to trust the hub.',
  examples: ['skerry audit key > audit.pub', 'skerry audit key --json'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const { keys } = await client.audit.keys({}, { signal: session.signal })
    session.print({ json: keys, text: () => keys.map(({ publicKeyPem }) => publicKeyPem.trim()).join('\n') })
  },
})
