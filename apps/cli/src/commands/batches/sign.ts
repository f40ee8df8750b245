/** `skerry batch sign` */

import { command } from '../../program/command.ts'
import { BATCH } from './batch-options.ts'
import { batchLine } from './batch-view.ts'

export const signBatch = command({
  name: 'batch sign',
  summary: "Sign a batch with the hub's key; devices reject unsigned batches",
  examples: ['skerry batch sign bat_abcdefgh234567'],
  arguments: { batch: BATCH },
  options: {},
  async run({ batch: id }, session) {
    const { client } = await session.hub()
    const batch = await client.batch.sign({ batch: id }, { signal: session.signal })
    session.print({ json: batch, text: () => batchLine(batch) })
    session.note(`next: skerry batch send ${batch.id}`)
  },
})
