import { command, list, required } from '../../program/command.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'
import { parseGoldenSource } from '../models/files/golden-file.ts'
import { readRows } from './rows-file.ts'

export const makeBaseline = command({
  name: 'monitor baseline',
  summary: 'Make the reference profile of a version, with which its monitor compares',
  details:
    'The hub runs the model on the rows, and keeps how each input and output is distributed, not the rows. ' +
    'Without --data it takes the golden cases of the version. Devices count anew when the profile changes.',
  examples: ['skerry monitor baseline anomaly:2', 'skerry monitor baseline anomaly:2 --data training.npz'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    data: list(
      '--data <file>',
      'rows of inputs, as --golden of "model push" takes them: FILE.json, FILE.npz, or NAME=FILE.bin for each input',
      parseGoldenSource,
    ),
  },
  async run({ reference: { name, version = 'latest' }, data: sources }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const detail = sources.length === 0 ? undefined : await client.model.getVersion({ name, version }, { signal })
    const data = detail && (await readRows(sources, detail))
    const made = await client.profile.make({ name, version, ...(data && { data }) }, { signal })
    const from = made.origin === 'golden' ? ' of its golden cases' : ' that you gave'
    session.print({
      json: made,
      text: () =>
        `${made.model}:${made.version} has a reference profile of ${countText(made.features, 'feature')}, made from ${countText(made.rows, 'row')}${from}`,
    })
    if (made.left > 0) session.note(`${countText(made.left, 'further feature')} of the model are not monitored`)
  },
})
