/** `skerry batch show` */

import { command, flag } from '../../program/command.ts'
import { BATCH } from './batch-options.ts'
import { batchText, problemLines } from './batch-view.ts'
import { watchBatch } from './batch-watch.ts'

export const showBatch = command({
  name: 'batch show',
  summary: 'Show a batch, the number of devices in each state, and the failures',
  details: 'With --watch, --json prints a line for each change.',
  examples: ['skerry batch show bat_abcdefgh234567', 'skerry batch show bat_abcdefgh234567 --watch'],
  arguments: { batch: BATCH },
  options: { isWatched: flag('--watch', 'watch it until it ends') },
  async run({ batch: id, isWatched }, session) {
    const { client } = await session.hub()
    if (isWatched) return watchBatch(client, id, session)
    const batch = await client.batch.get({ batch: id }, { signal: session.signal })
    const text = () => [batchText(batch, session), problemLines(batch, session.style)].filter((part) => part !== '')
    session.print({ json: batch, text: () => text().join('\n\n') })
  },
})
