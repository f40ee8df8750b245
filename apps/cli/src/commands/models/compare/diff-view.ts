/** Diff view: the changes from one version to another, in words and tables. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { type Difference, isSame, type ModelDiff, shapeText } from '@skerry/core/models/model-diff'
import type { Style } from '../../../program/terminal/style.ts'
import { tableOf } from '../../../program/terminal/table.ts'
import { digestText, sizeText } from '../../../program/terminal/words.ts'
import type { DiffEvidence } from './diff-evidence.ts'
import { outputsText, useRows } from './output-diff-view.ts'

type Compared = { model: string; from: number; to: number; diff: ModelDiff; evidence?: DiffEvidence | undefined }

export function diffText({ model, from, to, diff, evidence }: Compared, style: Style): string {
  const names = { from: `${model}:${from}`, to: `${model}:${to}` }
  const outputs = evidence && outputsText(evidence.outputs, names, style)
  const title = style.bold(`${names.from} → ${names.to}`)
  const rows = [
    ...rowsOf('input', diff.inputs, tensorText),
    ...rowsOf('output', diff.outputs, tensorText),
    ...rowsOf('opset', diff.opsets, ({ version }) => String(version)),
    ...rowsOf('operator', diff.operators, ({ count }) => `× ${count}`),
    ...rowsOf('file', diff.files, ({ digest, sizeBytes }) => `${sizeText(sizeBytes)} ${digestText(digest)}`),
    ...pairOf('size', diff.sizeBytes, sizeText),
    ...pairOf('parameters', diff.parameterCount, (count) => count.toLocaleString('en')),
    ...pairOf('IR version', diff.irVersion, String),
    ...pairOf('producer', diff.producer, String),
    ...goldenRow(diff),
    ...(evidence ? useRows(evidence) : []),
  ]
  const verdict = isSame(diff) ? 'no differences in the compared parts' : verdictText(diff, style)
  const table = rows.length === 0 ? undefined : tableOf(style, ['WHAT', 'NAME', 'FROM', 'TO'], rows, '')
  return [title, verdict, outputs, table].filter((part) => part !== undefined).join('\n\n')
}

/** The most important fact for a caller. */
function verdictText({ breaks }: ModelDiff, style: Style): string {
  if (breaks.length === 0) return style.green('callers of the first can call the second')
  return [style.red('callers of the first break:'), ...breaks.map((line) => `  ${line}`)].join('\n')
}

const tensorText = ({ datatype, shape }: TensorSpec) => `${datatype} ${shapeText(shape)}`

const rowsOf = <Value>(what: string, list: readonly Difference<Value>[], textOf: (value: Value) => string) =>
  list.map(({ name, from, to }) => [what, name, from ? textOf(from) : '', to ? textOf(to) : ''])

const pairOf = <Value>(what: string, { from, to }: { from: Value; to: Value }, textOf: (value: Value) => string) =>
  from === to ? [] : [[what, '', textOf(from), textOf(to)]]

function goldenRow({ golden: { from, to, isSame } }: ModelDiff) {
  if (isSame) return []
  return [['golden cases', from === to ? 'others' : '', String(from), String(to)]]
}
