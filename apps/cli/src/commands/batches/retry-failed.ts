/** `skerry batch retry-failed` */

import { command } from '../../program/command.ts'
import { BATCH } from './batch-options.ts'
import { batchLine } from './batch-view.ts'

export const retryFailedBatch = command({
  name: 'batch retry-failed',
  summary: 'Ask those devices again that failed, timed out or were never reached',
  details: 'It is signed anew, for those devices alone, and counts as long as it did at first.',
  examples: ['skerry batch retry-failed bat_abcdefgh234567'],
  arguments: { batch: BATCH },
  options: {},
  async run({ batch: id }, session) {
    const { client } = await session.hub()
    const batch = await client.batch.retry({ batch: id }, { signal: session.signal })
    session.print({ json: batch, text: () => batchLine(batch) })
  },
})
