import type { ExportedRow } from '@skerry/contract/captures/capture'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { countText } from '../../program/terminal/words.ts'

export const exportRows = command({
  name: 'capture export',
  summary: 'Write the labelled rows of a model as JSON lines, fetched from the devices that keep them',
  details:
    'Each line has the request, the inputs and outputs as tensors, the label, and the names of redacted values, which are zeros. ' +
    'The hub stores none of it. Rows of devices that are not connected are left out.',
  examples: ['skerry capture export anomaly > rows.jsonl'],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {},
  output: 'stream',
  async run({ model: name }, session) {
    const { client } = await session.hub()
    let missingCount = 0
    let after: string | undefined
    do {
      const page = await client.capture.export(
        { name, ...(after !== undefined && { after }) },
        { signal: session.signal },
      )
      for (const row of page.rows) session.printEvent({ json: row, text: () => textOf(row) })
      missingCount += page.missing.length
      after = page.next
    } while (after !== undefined)
    if (missingCount > 0)
      session.note(`${countText(missingCount, 'labelled row')} left out: deleted, or on a device that is not connected`)
  },
})

/** The output is for programs in both cases, so it is the same with and without --json. */
const textOf = (row: ExportedRow) => JSON.stringify(row)
