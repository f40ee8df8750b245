/** `skerry batch retry-failed` */

import { command } from '../../program/command.ts'
import { BATCH } from './batch-options.ts'
import { batchLine } from './batch-view.ts'

export const retryFailedBatch = command({
  name: 'batch retry-failed',
  summary: 'Send the command again to devices that failed, timed out or were not reached',
  details: 'It is signed again, for those devices only, and is valid for as long as the first time.',
  examples: ['skerry batch retry-failed bat_abcdefgh234567'],
  arguments: { batch: BATCH },
  options: {},
  async run({ batch: id }, session) {
    const { client } = await session.hub()
    const batch = await client.batch.retry({ batch: id }, { signal: session.signal })
    session.print({ json: batch, text: () => batchLine(batch) })
  },
})
