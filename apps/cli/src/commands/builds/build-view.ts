/** Build view: builds of a version as a table and as facts, and the results of an optimisation. */
import type { Build, Optimisation, OptimisationPlan, OutputFidelity, RecipeResult } from '@skerry/contract/builds/build'
import type { Calibration } from '@skerry/contract/builds/calibration'
import { goalLine } from '@skerry/core/builds/goal-text'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { taskText } from '@skerry/core/builds/task-fidelity'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, digestText, durationText, instantText, sizeText } from '../../program/terminal/words.ts'

/** Builds, one a line, with what they save and how near they are. */
export const buildsTable = (builds: readonly Build[], style: Style): string =>
  tableOf(
    style,
    ['BUILD', 'RECIPE', 'SIZE', 'OF FLOAT', 'AGREEMENT', 'DIFFERENCE', 'DIGEST', 'CREATED'],
    builds.map((build) => [
      build.id,
      build.recipe,
      ...sizeCells(build),
      ...fidelityCells(build.fidelity),
      digestText(build.digest),
      instantText(build.createdAtMs),
    ]),
    'no builds yet; "skerry model optimise" makes some',
  )

/** Without golden cases, as in the console. An older hub gives only the sum for the version. */
function sizeCells({ files, sizeBytes, floatBytes, floatModelBytes }: Build): [string, string] {
  const bytes = modelBytesOf(files)
  const share = floatModelBytes === undefined ? shareText(sizeBytes, floatBytes) : shareText(bytes, floatModelBytes)
  return [sizeText(bytes), share]
}

export function buildText(build: Build, style: Style): string {
  const { skipped, skippedCount } = build
  const facts = factsOf(style, [
    ['build', build.id],
    ['model', `${build.name}:${build.version}`],
    ['recipe', build.recipe],
    ['digest', build.digest],
    ['size', `${sizeCells(build).join(', ')} of float`],
    ['parent', build.parent],
    ['ranges from', build.calibration && calibrationText(build.calibration)],
    ['labels', build.labels && `${countText(build.labels.rows, 'row')} of ${build.labels.digest}`],
    ['made with', build.tools && toolsText(build.tools)],
    ['rewritten', countText(build.changed, 'node')],
    ['left in float', skippedCount === 0 ? undefined : countText(skippedCount, 'node')],
    ['created', `${instantText(build.createdAtMs)} by ${build.createdBy}`],
  ])
  const outputs = tableOf(
    style,
    ['OUTPUT', 'AGREEMENT', 'DIFFERENCE', 'DECIDED BY'],
    build.fidelity.map((each) => [each.output, ...fidelityCells([each]), measureText(each)]),
    '',
  )
  const rows = skipped.map(({ node, reason }) => [node, reason])
  return [facts, outputs, ...(rows.length > 0 ? [tableOf(style, ['LEFT IN FLOAT', 'REASON'], rows, '')] : [])].join(
    '\n\n',
  )
}

const calibrationText = ({ rows, digest, origin }: Calibration) =>
  `${rows} ${origin === 'golden' ? 'golden cases' : 'rows'} of ${digest}${origin === 'devices' ? ', which devices keep' : ''}`

const toolsText = (tools: Readonly<Record<string, string>>) =>
  Object.entries(tools)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')

/** The worst of all outputs. */
function fidelityCells(fidelity: readonly OutputFidelity[]): [string, string] {
  const agreements = fidelity.flatMap(({ agreement }) => (agreement === undefined ? [] : [agreement]))
  const differences = fidelity.map(({ difference }) => difference)
  return [
    agreements.length === 0 ? '' : Math.min(...agreements).toFixed(3),
    differences.length === 0 ? '' : `${Number(Math.max(...differences).toPrecision(2))} σ`,
  ]
}

/** The measure that decided at the gate, with its figures if it comes from labels. */
const measureText = ({ task, agreement }: OutputFidelity) =>
  task ? taskText(task) : agreement === undefined ? 'difference' : 'agreement or difference'

const shareText = (part: number, whole: number) => (whole === 0 ? '' : (part / whole).toFixed(2))

/** A line for each recipe, with the reason of those that made no build. */
export function optimisationText(optimisation: Optimisation, style: Style): string {
  const { id, name, version, status, goal, calibration, results, createdAtMs, createdBy } = optimisation
  const facts = factsOf(style, [
    ['optimisation', id],
    ['model', `${name}:${version}`],
    ['status', status],
    ['goals', goalLine(goal)],
    ['calibration', calibration && `${countText(calibration.rows, 'row')} of ${digestText(calibration.digest)}`],
    ['started', `${instantText(createdAtMs)} by ${createdBy}`],
    ['next', nextStep(optimisation)],
  ])
  const heads = ['RECIPE', 'RESULT', 'SIZE', 'AGREEMENT', 'DIFFERENCE', 'TOOK', 'BUILD OR REASON']
  const worst = results.flatMap(worstCells)
  const nodes = worst.length === 0 ? [] : [tableOf(style, ['RECIPE', 'WORST NODES', 'PLACE', 'ERROR', 'IN'], worst, '')]
  const tasks = results.flatMap(taskCells)
  const labels = tasks.length === 0 ? [] : [tableOf(style, ['RECIPE', 'OUTPUT', 'ON LABELS'], tasks, '')]
  return [facts, tableOf(style, heads, results.map(resultCells), ''), ...labels, ...nodes].join('\n\n')
}

const taskCells = ({ recipe, fidelity = [] }: RecipeResult) =>
  fidelity.flatMap(({ output, task }) => (task ? [[recipe, output, taskText(task)]] : []))

/** The command that deploys the smallest admitted build; undefined while there is none, or more may come. */
function nextStep({ name, version, status, results }: Optimisation): string | undefined {
  if (status !== 'done' && status !== 'cancelled') return undefined
  const [smallest] = results
    .filter(({ outcome }) => outcome === 'admitted')
    .toSorted((a, b) => (a.sizeBytes ?? 0) - (b.sizeBytes ?? 0))
  return smallest && `skerry deploy ${name}:${version} --build ${smallest.recipe}`
}

/** Nodes of a recipe that a table shows; --json has more. */
const WORST_SHOWN = 3

const worstCells = ({ recipe, worstNodes = [], returned = 0 }: RecipeResult) =>
  worstNodes
    .slice(0, Math.max(WORST_SHOWN, returned))
    .map(({ node, error, place }, index) => [
      recipe,
      node,
      place ? `${place.at} of ${place.of}` : '',
      `${Number(error.toPrecision(2))} σ`,
      index < returned ? 'float' : 'fewer bits',
    ])

const resultCells = ({ recipe, outcome, sizeBytes, fidelity, tookMs, buildId, message }: RecipeResult) => [
  recipe,
  outcome,
  sizeBytes === undefined ? '' : sizeText(sizeBytes),
  ...fidelityCells(fidelity ?? []),
  tookMs === undefined ? '' : durationText(tookMs),
  buildId ?? message ?? '',
]

/** One line for each change of a watched optimisation. */
export function optimisationLine({ id, name, version, status, results }: Optimisation): string {
  const done = results.filter(({ outcome }) => outcome !== 'waiting')
  const admitted = done.filter(({ outcome }) => outcome === 'admitted').length
  return `${id} ${name}:${version}: ${status}, ${done.length} of ${countText(results.length, 'recipe')} done, ${admitted} admitted`
}

const comparedText = ({ gateCases, labelledRows }: OptimisationPlan) =>
  [countText(gateCases, 'golden case'), ...(labelledRows ? [countText(labelledRows, 'labelled row')] : [])].join(', ')

export function planText(plan: OptimisationPlan, style: Style): string {
  const facts = factsOf(style, [
    ['recipes', plan.recipes.join(', ')],
    ['calibration', countText(plan.calibrationCases, plan.calibration ? 'calibration row' : 'golden case')],
    ['compared', comparedText(plan)],
    ['goals', plan.goals?.join(', ')],
    ['time', `${durationText(plan.maxSeconds * 1_000)} at most`],
    ['memory', `${sizeText(plan.maxMemoryBytes)} at most`],
    ['storage', `${sizeText(plan.maxStorageBytes)} at most`],
  ])
  const left = plan.left.map(({ recipe, reason }) => `${recipe} is left out: ${reason}`)
  return [facts, ...left].join('\n')
}
