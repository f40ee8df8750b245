/** Flow view: what a flow, its figures and its outputs look like to a person. */
import type { Flow, FlowSink } from '@skerry/contract/flows/flow'
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowContent, FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { FlowShape } from '@skerry/contract/flows/flow-shape'
import { shapesOf } from '@skerry/contract/flows/flow-shapes'
import { signalsOf } from '@skerry/contract/flows/flow-step'
import type { FlowDifference } from '@skerry/core/flow/tensors/golden-difference'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'

/** What is where, from the top: a row for each part. */
export function graphRows(flow: Flow): { part: string; name: string; kind: string; from: string[]; gives: string }[] {
  const shapes = shapesOf(flow)
  const gives = (name: string) => shapeText(shapes.get(name) ?? { kind: 'number' })
  return [
    ...flow.inputs.map(({ name, source, tag }) => ({
      part: 'input',
      name,
      kind: 'tag',
      from: [`${source}/${tag}`],
      gives: gives(name),
    })),
    ...flow.steps.map((step) => ({
      part: 'step',
      name: step.name,
      kind: step.kind,
      from: signalsOf(step),
      gives: gives(step.name),
    })),
    ...flow.sinks.map((sink) => ({
      part: 'sink',
      name: sink.name,
      kind: sink.kind,
      from: [sink.from],
      gives: placeText(sink),
    })),
  ]
}

function shapeText(shape: FlowShape): string {
  if (shape.kind === 'vector') return `${shape.length} numbers`
  if (shape.kind === 'tensor') return shape.shape.join(' x ')
  if (shape.kind === 'answer') return `${shape.tensors} tensors`
  if (shape.kind !== 'window') return shape.kind
  return `${shape.isExact ? '' : 'up to '}${shape.samples} x ${shape.columns}`
}

function placeText(sink: FlowSink): string {
  if (sink.kind === 'tag') return `→ ${sink.source}/${sink.tag}`
  const urgency = sink.priority === undefined ? '' : ` (${sink.priority})`
  if (sink.kind === 'hub') return `→ hub${urgency}`
  return `→ ${sink.sink}${sink.topic === undefined ? '' : ` ${sink.topic}`}${urgency}`
}

export const graphTable = (style: Style, flow: Flow): string =>
  tableOf(
    style,
    ['PART', 'NAME', 'KIND', 'FROM', 'OUTPUT'],
    graphRows(flow).map(({ part, name, kind, from, gives }) => [part, name, kind, from.join(', '), gives]),
    '',
  )

export const figuresTable = (style: Style, parts: readonly FlowPartFigures[]): string =>
  tableOf(
    style,
    ['PART', 'NAME', 'IN', 'OUT', 'DROPPED', 'LATE', 'BAD'],
    parts.map((figures) => [
      figures.part,
      figures.name,
      figures.in,
      figures.out,
      figures.dropped,
      figures.late,
      figures.bad,
    ]),
    'it had not started',
  )

const NUMBERS_SHOWN = 8

export function contentText(value: FlowContent): string {
  if (!Array.isArray(value)) return typeof value === 'number' ? String(Number(value.toPrecision(9))) : value
  const shown = value.slice(0, NUMBERS_SHOWN).map(contentText).join(', ')
  return value.length > NUMBERS_SHOWN ? `[${shown}, … ${value.length}]` : `[${shown}]`
}

export function outputLine(output: FlowOutput): string {
  const time = new Date(output.timeMs).toISOString()
  const content = output.quality === 'bad' ? '' : contentText(output.value)
  const quality = output.quality === 'good' ? '' : `${output.quality}: ${output.cause.message}`
  return [time, output.sink, content, quality].filter((part) => part !== '').join('  ')
}

export const differenceLine = ({ sink, place, expected, given }: FlowDifference): string =>
  [
    `${sink}, output ${place + 1}:`,
    `  golden  ${expected ? outputLine(expected) : 'nothing'}`,
    `  now     ${given ? outputLine(given) : 'nothing'}`,
  ].join('\n')
