/** Training options: the data that the owner of this device offers to campaigns, and when the device may train. */
import { resolve } from 'node:path'
import { type TrainingWhen, trainingWhenOf } from '@skerry/core/campaigns/training-moment'
import type { CapturedAnswers } from '@skerry/core/captures/training-row'

/** The tag of the class, or those of the numbers that a model answers with. */
type RecordedAnswers = { label: string } | { targets: readonly string[] }

/** The labelled rows that a capture of the model keeps. A model with one input needs no name of it. */
type OfferedCaptures = { model: string; input?: string; answers: CapturedAnswers }

/** A folder of files, a recording with the tags of the answers and the features (none means all others), or captured rows. */
export type OfferedRows =
  | { folder: string }
  | ({ recording: string; tags: readonly string[] } & RecordedAnswers)
  | OfferedCaptures

/** `campaigns`: the owner consents to these. */
export type TrainingData = { name: string; campaigns: 'any' | readonly string[]; rows: OfferedRows }

export const TRAINING_FLAGS = {
  'training-data': { type: 'string', multiple: true },
  'training-when': { type: 'string' },
} as const

export const TRAINING_HELP = `  --training-data S   NAME:CAMPAIGNS=DIR: labelled rows for these campaigns (comma-separated, or any); may be repeated;
                      NAME:CAMPAIGNS=recording:N?label=TAG&tag=TAG: rows of the recording N of --import-history;
                      target=TAG instead of label=TAG if the model answers with numbers;
                      NAME:CAMPAIGNS=captures:MODEL: the labelled rows that a capture of the model keeps;
                      ?class=LABEL&class=LABEL names the classes 0, 1 and so on, ?labels=numbers learns numbers,
                      ?input=NAME chooses one of several inputs
  --training-when S   train only then: idle, power, hours such as 22:00-06:00; comma-separated (default: at any time)`

type Flags = { 'training-data'?: string[] | undefined; 'training-when'?: string | undefined }

/** The names are as the contract's Name. */
const TRAINING_DATA = /^([a-z0-9][a-z0-9-]{0,62}):([a-z0-9-]+(?:,[a-z0-9-]+)*)=(.+)$/

/** A folder of such a name is given as ./recording:... */
const RECORDING = /^[^=]+=recording:/

/** The tags are as in the query of an address: letters beyond a-z, & and % are escaped. */
const RECORDED =
  /^[^=]+=recording:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\?(?:label=[^&]+|target=[^&]+(?:&target=[^&]+)*)(?:&tag=[^&]+)*$/

/** A folder of such a name is given as ./captures:... */
const CAPTURES = /^[^=]+=captures:/

const CAPTURED =
  /^[^=]+=captures:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\?((?:input|class|labels)=[^&]+(?:&(?:input|class|labels)=[^&]+)*))?$/

/** [contract, held/campaigns, DATA_SETS_MAX] The contract is not imported here: the launcher must stay light. */
const DATA_SETS_MAX = 32

/** [contract, CampaignData] A campaign has no more. */
const CLASSES_MAX = 10_000

/** The mistake in the arguments; undefined if there is none. */
export function trainingTrouble(flags: Flags): string | undefined {
  const { 'training-data': given = [], 'training-when': when } = flags
  const wrong = given.find((text) => !TRAINING_DATA.test(text))
  if (wrong !== undefined)
    return `--training-data must be NAME:CAMPAIGNS=DIR such as scans:any=/data/scans, not ${shown(wrong)}`
  const badRecording = given.find((text) => RECORDING.test(text) && !RECORDED.test(text))
  if (badRecording !== undefined)
    return `--training-data names a recording as recording:NAME?label=TAG&tag=TAG, or with target=TAG instead of the label, not ${shown(badRecording)}`
  const badCapture = given.find((text) => CAPTURES.test(text) && !capturedRows(text))
  if (badCapture !== undefined)
    return `--training-data names captured rows as captures:MODEL, captures:MODEL?class=LABEL&class=LABEL or captures:MODEL?labels=numbers, with &input=NAME if the model has several inputs, not ${shown(badCapture)}`
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
    const stored = recording === undefined ? { folder: resolve(place) } : recordedRows(recording, place)
    const rows = capturedRows(text) ?? stored
    return name === '' ? [] : [{ name, campaigns: campaigns === 'any' ? campaigns : campaigns.split(','), rows }]
  })

/** Undefined if the text names no captured rows, or gives classes twice or beside numbers. */
function capturedRows(text: string): OfferedCaptures | undefined {
  const [, model, given = ''] = CAPTURED.exec(text) ?? []
  const query = new URLSearchParams(given)
  const [inputs, names, labels] = [query.getAll('input'), query.getAll('class'), query.getAll('labels')]
  const isMixed = labels.length > 1 || (labels.length === 1 && (labels[0] !== 'numbers' || names.length > 0))
  if (model === undefined || isMixed || inputs.length > 1 || names.length === 1) return undefined
  if (new Set(names).size < names.length || names.length > CLASSES_MAX) return undefined
  const [input] = inputs
  return { model, ...(input !== undefined && { input }), answers: answersOf(names, labels) }
}

function answersOf(names: readonly string[], labels: readonly string[]): CapturedAnswers {
  if (labels.length > 0) return { kind: 'numbers' }
  return names.length > 0 ? { kind: 'classes', names } : { kind: 'whole' }
}

function recordedRows(recording: string, place: string): OfferedRows {
  const query = new URLSearchParams(place.slice(place.indexOf('?') + 1))
  const label = query.get('label')
  const answers = label === null ? { targets: query.getAll('target') } : { label }
  return { recording, tags: query.getAll('tag'), ...answers }
}

/** Undefined if the device may train at any time. */
export const trainingWhenIn = ({ 'training-when': when }: Flags): TrainingWhen | undefined =>
  when === undefined ? undefined : trainingWhenOf(when)
