import { CaptureTask } from '@skerry/contract/captures/capture'
import type { ProfileSummary } from '@skerry/contract/monitors/monitor'
import { asIs, command, fits, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseLimit, parseModelReference } from '../../program/values.ts'
import { parseGoldenSource } from '../models/files/golden-file.ts'
import { readRows } from './rows-file.ts'

export const makeBaseline = command({
  name: 'monitor baseline',
  summary: 'Make the reference profile of a version, with which its monitor compares',
  details:
    'The hub runs the model on the rows, and keeps how each input and output is distributed, not the rows. ' +
    'Without --data it takes the golden cases of the version. With --from-devices, the first days that devices counted become the ' +
    'reference, in the bins of the profile before. Devices count anew when the profile changes. ' +
    'With --labels, the hub learns how often the version is right at each confidence: "model performance" then estimates its accuracy without labels. ' +
    'With --task regression, labels are numbers, and the hub learns the errors that the version makes for which values.',
  examples: [
    'skerry monitor baseline anomaly:2',
    'skerry monitor baseline anomaly:2 --data training.npz',
    'skerry monitor baseline anomaly:2 --data test.npz --labels test.txt',
    'skerry monitor baseline wear:3 --data test.npz --labels hours.txt --task regression',
    'skerry monitor baseline anomaly:2 --from-devices 7',
  ],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    data: list(
      '--data <file>',
      'rows of inputs, as --golden of "model push" takes them: FILE.json, FILE.npz, or NAME=FILE.bin for each input',
      parseGoldenSource,
    ),
    labels: value('--labels <file>', 'the true class or number of each row of --data, one a line', asIs),
    task: value('--task <task>', `${CaptureTask.options.join(' or ')}; classification by default`, fits(CaptureTask)),
    output: value('--output <name>', 'the output with the scores or the number; the first by default', asIs),
    days: value('--from-devices <days>', 'take what devices counted in the first days; 30 at most', parseLimit),
  },
  async run({ reference: { name, version = 'latest' }, data: sources, labels, task, output, days }, session) {
    if (days !== undefined && sources.length > 0) throw wrongUsage('--from-devices and --data exclude each other')
    const { client } = await session.hub()
    const { signal } = session
    const detail = sources.length === 0 ? undefined : await client.model.getVersion({ name, version }, { signal })
    if (labels !== undefined && !detail) throw wrongUsage('--labels needs the rows that they belong to: give --data')
    const rows = detail && (await readRows(sources, detail, labels))
    const data = rows && { ...rows, ...(task && { task }), ...(output !== undefined && { output }) }
    const made =
      days === undefined
        ? await client.profile.make({ name, version, ...(data && { data }) }, { signal })
        : await client.profile.collect({ name, version, days }, { signal })
    session.print({
      json: made,
      text: () =>
        `${made.model}:${made.version} has a reference profile of ${countText(made.features, 'feature')}, made from ${countText(made.rows, 'row')}${FROM[made.origin]}${cohortsText(made.cohorts)}${accuracyText(made.accuracy)}${errorText(made)}`,
    })
    if (made.left > 0) session.note(`${countText(made.left, 'further feature')} of the model are not monitored`)
  },
})

const cohortsText = (cohorts: number | undefined) =>
  cohorts === undefined ? '' : `; ${countText(cohorts, 'cohort')} can be compared with their own`

const accuracyText = (accuracy: number | undefined) =>
  accuracy === undefined ? '' : `; ${Number((accuracy * 100).toPrecision(4))} % of its answers were right`

const errorText = ({ mae, errorSkill = 0 }: ProfileSummary) => {
  if (mae === undefined) return ''
  const known = `; the mean error of its answers was ${Number(mae.toPrecision(4))}`
  return errorSkill > 0
    ? `${known}, and its features explain ${Math.round(errorSkill * 100)} % of the spread`
    : `${known}, which its features do not predict: it cannot be estimated without labels`
}

const FROM: Readonly<Record<ProfileSummary['origin'], string>> = {
  golden: ' of its golden cases',
  'data-set': ' that you gave',
  devices: ' that devices counted',
}
