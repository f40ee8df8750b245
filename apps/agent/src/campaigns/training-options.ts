/** Training options: the data that the owner of this device offers to campaigns, and when the device may train. */
import { resolve } from 'node:path'
import { type TrainingWhen, trainingWhenOf } from '@skerry/core/campaigns/training-moment'

/** The tag of the class, or those of the numbers that a model answers with. */
type RecordedAnswers = { label: string } | { targets: readonly string[] }

/** A folder of files, or a recording: the tags of the answers, and those of the features. No tags mean all others. */
type OfferedRows = { folder: string } | ({ recording: string; tags: readonly string[] } & RecordedAnswers)

/** `campaigns`: the owner consents to these. */
export type TrainingData = { name: string; campaigns: 'any' | readonly string[]; rows: OfferedRows }

export const TRAINING_FLAGS = {
  'training-data': { type: 'string', multiple: true },
  'training-when': { type: 'string' },
} as const

export const TRAINING_HELP = `  --training-data S   NAME:CAMPAIGNS=DIR: labelled rows for these campaigns (comma-separated, or any); may be repeated;
                      NAME:CAMPAIGNS=recording:N?label=TAG&tag=TAG: rows of the recording N of --import-history;
                      target=TAG instead of label=TAG if the model answers with numbers
  --training-when S   train only then: idle, power, hours such as 22:00-06:00; comma-separated (default: at any time)`

type Flags = { 'training-data'?: string[] | undefined; 'training-when'?: string | undefined }

/** The names are as the contract's Name. */
const TRAINING_DATA = /^([a-z0-9][a-z0-9-]{0,62}):([a-z0-9-]+(?:,[a-z0-9-]+)*)=(.+)$/

/** A folder of such a name is given as ./recording:... */
const RECORDING = /^[^=]+=recording:/

/** The tags are as in the query of an address: letters beyond a-z, & and % are escaped. */
const RECORDED =
  /^[^=]+=recording:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\?(?:label=[^&]+|target=[^&]+(?:&target=[^&]+)*)(?:&tag=[^&]+)*$/

/** [contract, held/campaigns, DATA_SETS_MAX] The contract is not imported here: the launcher must stay light. */
const DATA_SETS_MAX = 32

/** The mistake in the arguments; undefined if there is none. */
export function trainingTrouble(flags: Flags): string | undefined {
  const { 'training-data': given = [], 'training-when': when } = flags
  const wrong = given.find((text) => !TRAINING_DATA.test(text))
  if (wrong !== undefined)
    return `--training-data must be NAME:CAMPAIGNS=DIR such as scans:any=/data/scans, not ${shown(wrong)}`
  const badRecording = given.find((text) => RECORDING.test(text) && !RECORDED.test(text))
  if (badRecording !== undefined)
    return `--training-data names a recording as recording:NAME?label=TAG&tag=TAG, or with target=TAG instead of the label, not ${shown(badRecording)}`
  const names = trainingDataOf(flags).map(({ name }) => name)
  if (new Set(names).size < names.length) return '--training-data names one data set twice'
  if (names.length > DATA_SETS_MAX) return `--training-data may be given at most ${DATA_SETS_MAX} times`
  if (when !== undefined && !trainingWhenOf(when))
    return `--training-when must be of idle, power and hours, such as idle,22:00-06:00, not ${shown(when)}`
  return undefined
}

const shown = (text: string) => JSON.stringify(text.slice(0, 100))

export const trainingDataOf = ({ 'training-data': given = [] }: Flags): TrainingData[] =>
  given.flatMap((text) => {
    const [, name = '', campaigns = '', place = ''] = TRAINING_DATA.exec(text) ?? []
    const [, recording] = RECORDED.exec(text) ?? []
    const rows = recording === undefined ? { folder: resolve(place) } : recordedRows(recording, place)
    return name === '' ? [] : [{ name, campaigns: campaigns === 'any' ? campaigns : campaigns.split(','), rows }]
  })

function recordedRows(recording: string, place: string): OfferedRows {
  const query = new URLSearchParams(place.slice(place.indexOf('?') + 1))
  const label = query.get('label')
  const answers = label === null ? { targets: query.getAll('target') } : { label }
  return { recording, tags: query.getAll('tag'), ...answers }
}

/** Undefined if the device may train at any time. */
export const trainingWhenIn = ({ 'training-when': when }: Flags): TrainingWhen | undefined =>
  when === undefined ? undefined : trainingWhenOf(when)
