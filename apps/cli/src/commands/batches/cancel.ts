/** `skerry batch cancel` */

import { command } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { BATCH } from './batch-options.ts'
import { batchLine } from './batch-view.ts'

export const cancelBatch = command({
  name: 'batch cancel',
  summary: 'Cancel a batch: no further device gets the command, and devices that have not started it never do',
  examples: ['skerry batch cancel bat_abcdefgh234567 --reason "wrong line" --yes'],
  arguments: { batch: BATCH },
  options: { reason: REASON, yes: YES },
  async run({ batch: id, reason, yes }, session) {
    const { client } = await session.hub()
    await session.confirm('cancel the batch for good', yes)
    const batch = await client.batch.cancel({ batch: id, reason }, { signal: session.signal })
    session.print({ json: batch, text: () => batchLine(batch) })
  },
})
