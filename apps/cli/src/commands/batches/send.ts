import { command } from '../../program/command.ts'
import { BATCH } from './batch-options.ts'
import { batchLine } from './batch-view.ts'

export const sendBatch = command({
  name: 'batch send',
  summary: 'Send a signed batch, now or at its start time',
  examples: ['skerry batch send bat_abcdefgh234567'],
  arguments: { batch: BATCH },
  options: {},
  async run({ batch: id }, session) {
    const { client } = await session.hub()
    const batch = await client.batch.send({ batch: id }, { signal: session.signal })
    session.print({ json: batch, text: () => batchLine(batch) })
    session.note(`"skerry batch show ${batch.id} --watch" follows it`)
  },
})
