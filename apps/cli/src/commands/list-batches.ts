/** `skerry batch ls` */
import { allRows } from '@skerry/client/page'
import { BatchStatus } from '@skerry/contract/batch'
import { BatchKind } from '@skerry/contract/batch-command'
import { batchHeads, batchRows } from '../batch-view.ts'
import { command, fits, value } from '../command.ts'
import { tableOf } from '../table.ts'

export const listBatches = command({
  name: 'batch ls',
  summary: 'List batches, newest first',
  examples: ['skerry batch ls', 'skerry batch ls --status running --kind collect-logs'],
  arguments: {},
  options: {
    status: value('--status <status>', `only those: ${BatchStatus.options.join(', ')}`, fits(BatchStatus)),
    kind: value('--kind <command>', 'only batches of this command', fits(BatchKind)),
  },
  async run({ status, kind }, session) {
    const { client } = await session.hub()
    const batches = await allRows((page) => client.batch.list({ ...page, status, kind }, { signal: session.signal }))
    session.print({
      json: batches,
      text: () => tableOf(session.style, batchHeads, batchRows(batches, session), 'no batches yet'),
    })
  },
})
