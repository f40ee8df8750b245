/** Split view: the cut of a model as a table, and as JSON. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { Style } from '../../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../../program/terminal/table.ts'
import { sizeText } from '../../../program/terminal/words.ts'

type Passed = { name: string; datatype: TensorSpec['datatype']; shape: readonly number[]; bytes: number }

/** A stage as the split of the model reports it. */
type Stage = {
  nodeCount: number
  sizeBytes: number
  measuredUs: number
  transferUs: number
  inputs: readonly Passed[]
  outputs: readonly Passed[]
}

type Split = {
  wholeUs: number
  nodeCount: number
  isOnZeros: boolean
  results: readonly string[]
  stages: readonly Stage[]
  fault: { output: string } | undefined
}

type StageView = {
  name: string
  nodes: number
  sizeBytes: number
  computeMs: number
  /** Of the work of all stages. */
  costPercent: number
  transferMs: number
  inputs: Passed[]
  outputs: Passed[]
}

export type SplitView = {
  model: string
  nodes: number
  networkMbit: number
  wholeMs: number
  slowestMs: number
  /** How many times the throughput of one worker the pipeline can have. */
  speedUp: number
  measuredOn: 'golden inputs' | 'zeros'
  stages: StageView[]
  /** The outputs of the whole model. */
  results: string[]
  fault?: { output: string }
}

export type PushedStage = { name: string; version: number; digest: string; created: boolean }

type Facts = { title: string; network: number; result: Split; names: readonly string[] }

export function splitView({ title, network, result, names }: Facts): SplitView {
  const { stages, wholeUs, nodeCount, isOnZeros, results, fault } = result
  const total = stages.reduce((sum, { measuredUs }) => sum + measuredUs, 0)
  const slowestUs = Math.max(...stages.map(({ measuredUs, transferUs }) => measuredUs + transferUs))
  return {
    model: title,
    nodes: nodeCount,
    networkMbit: network,
    wholeMs: msOf(wholeUs),
    slowestMs: msOf(slowestUs),
    speedUp: Math.round((wholeUs / slowestUs) * 100) / 100,
    measuredOn: isOnZeros ? 'zeros' : 'golden inputs',
    stages: stages.map(({ nodeCount: nodes, sizeBytes, measuredUs, transferUs, inputs, outputs }, at) => ({
      name: names[at] ?? '',
      nodes,
      sizeBytes,
      computeMs: msOf(measuredUs),
      costPercent: Math.round((measuredUs / total) * 100),
      transferMs: msOf(transferUs),
      inputs: [...inputs],
      outputs: [...outputs],
    })),
    results: [...results],
    ...(fault && { fault: { output: fault.output } }),
  }
}

const msOf = (us: number) => Math.round(us) / 1_000

/** The cut; behind it the pushed versions, or the way to push them. */
export function splitText(view: SplitView, pushed: readonly PushedStage[] | undefined, style: Style): string {
  const { model, nodes, stages, wholeMs, slowestMs, speedUp, measuredOn, networkMbit, fault } = view
  const facts = factsOf(style, [
    ['model', `${model}, ${nodes} nodes`],
    ['whole', `${wholeMs} ms a request on one thread, measured here on ${measuredOn}`],
    [
      'slowest stage',
      `${slowestMs} ms with its transfers at ${networkMbit} Mbit/s: at most ${speedUp} × the throughput`,
    ],
    ['answers', answersText(measuredOn, fault)],
    ...(speedUp < 1 ? [['warning', slowerText(view)] as const] : []),
  ])
  const table = tableOf(
    style,
    ['STAGE', 'NODES', 'SIZE', 'TIME', 'SHARE', 'TRANSFER', 'TAKES', 'GIVES'],
    stages.map((stage) => [
      stage.name,
      stage.nodes,
      sizeText(stage.sizeBytes),
      `${stage.computeMs} ms`,
      `${stage.costPercent} %`,
      `${stage.transferMs} ms`,
      passedText(stage.inputs),
      passedText(stage.outputs),
    ]),
    '',
  )
  return `${facts}\n\n${table}\n\n${nextText(view, pushed)}`
}

/** A pipeline is for models that do not fit on one device, or that need more throughput than one has. */
const slowerText = ({ speedUp, stages }: SplitView) =>
  `the pipeline is slower than the whole model: ${speedUp} × its throughput. ` +
  (stages.some(({ transferMs, computeMs }) => transferMs > computeMs)
    ? 'The transfers take longer than the computing: try fewer stages, or a faster network with --network'
    : 'Try fewer stages')

function answersText(measuredOn: SplitView['measuredOn'], fault: SplitView['fault']): string {
  if (fault) return `the output ${fault.output} differs from that of the whole model: a push of this cut is refused`
  return measuredOn === 'zeros'
    ? 'not compared: the version has no golden cases'
    : 'as the whole model on its golden cases'
}

const passedText = (tensors: readonly Passed[]) =>
  tensors
    .map(
      ({ name, shape, bytes }) =>
        `${name} [${shape.map((size) => (size === -1 ? '?' : size)).join(', ')}] ${sizeText(bytes)}`,
    )
    .join('; ')

function nextText({ model, stages, results }: SplitView, pushed: readonly PushedStage[] | undefined): string {
  if (!pushed) return 'nothing was pushed'
  const [name = ''] = model.split(':')
  const lines = pushed.map((stage) => `${stage.created ? 'pushed' : 'unchanged'} ${stage.name}:${stage.version}`)
  const words = pushed.map((stage) => `--stage ${stage.name}:${stage.version}`)
  // A result that a later stage takes too is no output of a pipeline, unless it is named.
  const taken = new Set(stages.flatMap(({ inputs }) => inputs).map((tensor) => tensor.name))
  const outputs = results.some((result) => taken.has(result)) ? results.map((result) => `--output ${result}`) : []
  const route = ['skerry route create', name, '--model', name, ...words, ...outputs].join(' ')
  return [...lines, 'deploy each of them, then make a pipeline of them:', `  ${route}`].join('\n')
}
