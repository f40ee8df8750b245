import { command } from '../../program/command.ts'
import { instantText } from '../../program/terminal/words.ts'

export const signAudit = command({
  name: 'audit sign',
  summary: 'Let the hub sign a checkpoint of the current audit log',
  details:
    'The hub first verifies the records since the last checkpoint, and signs nothing if they are damaged. Keep the output of --json ' +
    'in a place that no operator of the hub can change.',
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
