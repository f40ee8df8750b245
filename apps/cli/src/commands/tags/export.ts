import { csvOf, tagRowsOf } from '@skerry/core/tags/tag-rows'
import { command } from '../../program/command.ts'
import { openTarget, TARGET } from './tag-target.ts'

export const exportTags = command({
  name: 'tag export',
  summary: 'Write the tags of a source as CSV, for a spreadsheet or for "skerry tag import"',
  details:
    'A line for each tag, a column for each setting of any tag; lists and objects as JSON. Other settings of a group, such as ' +
    'a query, are not in the file. Text that a spreadsheet would take for a formula starts with a quote, which the import removes.',
  examples: [
    'skerry tag export --source press-7 --site rotterdam > press-7.csv',
    'skerry tag export --file press-7.yaml > press-7.csv',
  ],
  arguments: {},
  options: TARGET,
  async run(reference, session) {
    const { spec } = await openTarget(reference, session)
    const rows = tagRowsOf(spec)
    session.print({
      json: rows.map(({ group, everyMs, all }) => ({ group, everyMs, ...all })),
      // Printing ends the last line.
      text: () => csvOf(rows).slice(0, -1),
    })
  },
})
