/** `skerry audit sign` */
import { command } from '../../program/command.ts'
import { instantText } from '../../program/terminal/words.ts'

export const signAudit = command({
  name: 'audit sign',
  summary: 'Have the hub sign a checkpoint of the audit trail as it is now',
  details:
    'The hub walks what has come since the last checkpoint first, and signs nothing where it does not hold. Keep what --json prints ' +
    'where nobody who runs the hub can write.',
  examples: ['skerry audit sign', 'skerry audit sign --json > kept.json'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const checkpoint = await client.audit.sign({}, { signal: session.signal })
    const { sequence, hash, atMs } = checkpoint
    session.print({ json: checkpoint, text: () => `signed up to record ${sequence}, ${hash}, at ${instantText(atMs)}` })
  },
})
