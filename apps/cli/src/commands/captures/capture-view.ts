/** Capture view: captures, their rows and the performance of models as tables. */
import type { Capture, CaptureDevice, ReviewedRow } from '@skerry/contract/captures/capture'
import type { ModelPerformance, VersionPerformance } from '@skerry/contract/captures/performance'
import type { Tensor } from '@skerry/contract/models/tensor'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, durationText, instantText, sizeText } from '../../program/terminal/words.ts'

/** One line for each capture. */
export const capturesTable = (captures: readonly Capture[], style: Style): string =>
  tableOf(
    style,
    ['MODEL', 'KEEPS', 'FOR', 'LABELS', 'PURPOSE'],
    captures.map(({ model, rules, labels }) => [
      model,
      keepsText(rules),
      durationText(rules.forSeconds * 1_000),
      labels,
      rules.purpose,
    ]),
    'no captures yet; "skerry capture set" declares one',
  )

const keepsText = ({ when, sample, alarms = [] }: Capture['rules']) =>
  [
    ...(when === undefined ? [] : [when]),
    ...(sample > 0 ? [`${figure(sample * 100)} % of all rows`] : []),
    ...alarms.map((alarm) => `rows before the alarm ${alarm}`),
  ].join(', and ')

const orderText = ({ version, rows, atMs }: NonNullable<Capture['order']>) =>
  `the next ${countText(rows, 'row')} of version ${version} on each device, by the monitor at ${instantText(atMs)}`

/** The rules of a capture, and the devices if the caller may see them. */
export function captureText(capture: Capture, devices: readonly CaptureDevice[] | undefined, style: Style): string {
  const { model, rules, order, labels, changedAtMs, changedBy } = capture
  const facts = factsOf(style, [
    ['model', model],
    ['purpose', rules.purpose],
    ['keeps', keepsText(rules)],
    ['at most', `${countText(rules.keep, 'row')} and ${sizeText(rules.keepBytes)} a device`],
    ['for', durationText(rules.forSeconds * 1_000)],
    ['redacted', rules.redact.join(', ') || 'nothing'],
    ['task', rules.output === undefined ? rules.task : `${rules.task} by ${rules.output}`],
    ...(order ? [['ordered', orderText(order)] satisfies [string, string]] : []),
    ['labels', labels],
    ['set', `${instantText(changedAtMs)} by ${changedBy}`],
  ])
  if (!devices) return facts
  const table = tableOf(
    style,
    ['DEVICE', 'CONNECTED', 'RULES'],
    devices.map(({ device, isConnected, isCurrent }) => [
      device,
      isConnected ? 'yes' : 'no',
      isCurrent ? 'current' : 'waits for them',
    ]),
    'no device serves the model yet',
  )
  return `${facts}\n\n${table}`
}

/** Rows with their values, as far as they fit into a line. */
export const rowsTable = (rows: readonly ReviewedRow[], style: Style): string =>
  tableOf(
    style,
    ['REQUEST', 'TIME', 'VERSION', 'PREDICTED', 'CONFIDENCE', 'LABEL', 'INPUTS'],
    rows.map(({ request, atMs, version, predicted, confidence, label, inputs }) => [
      request,
      instantText(atMs),
      version,
      predicted ?? '',
      confidence === undefined ? '' : figure(confidence),
      label ?? '',
      Object.entries(inputs ?? {})
        .map(([name, tensor]) => `${name} ${tensorText(tensor)}`)
        .join('  '),
    ]),
    'the device keeps no rows of the model yet',
  )

/** More values do not fit into a line. */
const VALUES_SHOWN = 6

/** The first values of a tensor; pictures and texts only by their size. */
function tensorText({ datatype, shape, data }: Tensor): string {
  const bytes = Buffer.from(data, 'base64')
  const size = bytes.byteLength
  const values = datatype === 'FP32' ? [...new Float32Array(Uint8Array.from(bytes).buffer)] : undefined
  if (!values || values.length > VALUES_SHOWN * 4) return `${datatype} ${JSON.stringify(shape)}, ${sizeText(size)}`
  const shown = values.slice(0, VALUES_SHOWN).map(figure)
  return `[${[...shown, ...(values.length > VALUES_SHOWN ? ['…'] : [])].join(', ')}]`
}

const figure = (value: number) => String(Number(value.toPrecision(4)))

/** The figures of each version, then of its classes. */
export function performanceText(performance: ModelPerformance, style: Style): string {
  const { model, task, fromMs, toMs, versions } = performance
  if (versions.length === 0)
    return `${model} has neither labels nor estimates of this time; "skerry capture label" gives labels, and "skerry monitor baseline" with --labels lets the hub estimate.`
  const span = `${instantText(fromMs)} to ${instantText(toMs)}`
  const isClasses = task === 'classification'
  const table = tableOf(
    style,
    isClasses
      ? ['VERSION', 'LABELS', 'ACCURACY', 'ESTIMATED', 'FROM ROWS', 'REFERENCE']
      : ['VERSION', 'LABELS', 'MAE', 'RMSE', 'ESTIMATED MAE', 'FROM ROWS', 'REFERENCE'],
    versions.map((one) => [one.version, one.labels, ...(isClasses ? classCells(one) : numberCells(one))]),
    '',
  )
  return [`${model}, ${span}`, table, ...versions.flatMap((version) => classesText(model, version, style))].join('\n\n')
}

const classCells = ({ accuracy, estimated, referenceAccuracy }: VersionPerformance) => [
  share(accuracy),
  share(estimated?.accuracy),
  estimated?.rows ?? '',
  share(referenceAccuracy),
]

const numberCells = ({ mae, rmse, estimatedError, referenceMae }: VersionPerformance) => [
  number(mae),
  number(rmse),
  number(estimatedError?.mae),
  estimatedError?.rows ?? '',
  number(referenceMae),
]

const number = (value: number | undefined) => (value === undefined ? '' : figure(value))

function classesText(model: string, { version, classes = [] }: VersionPerformance, style: Style): string[] {
  if (classes.length === 0) return []
  const table = tableOf(
    style,
    ['CLASS', 'LABELS', 'PRECISION', 'RECALL', 'F1'],
    classes.map(({ class: name, labels, precision, recall, f1 }) => [
      name,
      labels,
      share(precision),
      share(recall),
      share(f1),
    ]),
    '',
  )
  return [`${model}:${version}\n${table}`]
}

const share = (value: number | null | undefined) =>
  value === null || value === undefined ? '' : `${figure(value * 100)} %`
