/** `skerry batch ls` */
import { allRows } from '@skerry/client/page'
import { BatchStatus } from '@skerry/contract/batches/batch'
import { BatchKind } from '@skerry/contract/batches/batch-command'
import { command, fits, value } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { batchHeads, batchRows } from './batch-view.ts'

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
