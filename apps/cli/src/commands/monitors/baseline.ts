import type { SkerryClient } from '@skerry/client/client'
import { CaptureTask } from '@skerry/contract/captures/capture'
import type { ProfileSummary } from '@skerry/contract/monitors/monitor'
import { MonitorSubject, sourceIn } from '@skerry/contract/monitors/subject'
import { asIs, command, fits, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { countText } from '../../program/terminal/words.ts'
import { type ModelReference, parseLimit, parseModelReference } from '../../program/values.ts'
import { type GoldenSource, parseGoldenSource } from '../models/files/golden-file.ts'
import { readRows } from './rows-file.ts'

/** A source is a text. */
const parseReference = (text: string): ModelReference | MonitorSubject =>
  sourceIn(text) === undefined ? parseModelReference(text) : MonitorSubject.parse(text)

export const makeBaseline = command({
  name: 'monitor baseline',
  summary: 'Make the reference profile of a version, with which its monitor compares',
  details:
    'The hub runs the model on the rows, and keeps how each input and output is distributed, not the rows. ' +
    'Without --data it takes the golden cases of the version. With --from-devices, the first days that devices counted become the ' +
    'reference, in the bins of the profile before. Devices count anew when the profile changes. ' +
    'Of a source, the last days become the reference, and devices count into bins of those values. ' +
    'With --labels, the hub learns how often the version is right at each confidence: "model performance" then estimates its accuracy without labels. ' +
    'With --task regression, labels are numbers, and the hub learns the errors that the version makes for which values.',
  examples: [
    'skerry monitor baseline anomaly:2',
    'skerry monitor baseline anomaly:2 --data training.npz',
    'skerry monitor baseline anomaly:2 --data test.npz --labels test.txt',
    'skerry monitor baseline wear:3 --data test.npz --labels hours.txt --task regression',
    'skerry monitor baseline anomaly:2 --from-devices 7',
    'skerry monitor baseline source:press --from-devices 7',
  ],
  arguments: {
    reference: required(
      '<model>',
      'NAME, NAME:VERSION or NAME@alias, the latest by default; or source:NAME',
      parseReference,
    ),
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
  async run({ reference, data: sources, labels, task, output, days }, session) {
    if (days !== undefined && sources.length > 0) throw wrongUsage('--from-devices and --data exclude each other')
    const { client } = await session.hub()
    const { signal } = session
    const given = { sources, labels, task, output, days }
    const made =
      typeof reference === 'string'
        ? await client.monitor.baseline({ name: reference, days: daysIn(given) }, { signal })
        : await profiled(client, reference, given, signal)
    session.print({
      json: made,
      text: () =>
        `${made.model}:${made.version} has a reference profile of ${countText(made.features, 'feature')}, made from ${countText(made.rows, 'row')}${FROM[made.origin]}${cohortsText(made.cohorts)}${accuracyText(made.accuracy)}${errorText(made)}`,
    })
    if (made.left > 0) session.note(`${countText(made.left, 'further feature')} of the model are not monitored`)
  },
})

type Given = {
  sources: GoldenSource[]
  labels: string | undefined
  task: CaptureTask | undefined
  output: string | undefined
  days: number | undefined
}

function daysIn({ days, sources, labels }: Given): number {
  if (sources.length > 0 || labels !== undefined)
    throw wrongUsage('the reference of a source comes from its devices', 'give --from-devices')
  if (days === undefined) throw wrongUsage('the days are missing', 'give them with --from-devices')
  return days
}

async function profiled(
  client: SkerryClient,
  { name, version = 'latest' }: ModelReference,
  { sources, labels, task, output, days }: Given,
  signal: AbortSignal,
): Promise<ProfileSummary> {
  const detail = sources.length === 0 ? undefined : await client.model.getVersion({ name, version }, { signal })
  if (labels !== undefined && !detail) throw wrongUsage('--labels needs the rows that they belong to: give --data')
  const rows = detail && (await readRows(sources, detail, labels))
  const data = rows && { ...rows, ...(task && { task }), ...(output !== undefined && { output }) }
  return days === undefined
    ? client.profile.make({ name, version, ...(data && { data }) }, { signal })
    : client.profile.collect({ name, version, days }, { signal })
}

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
  start: '',
}
