/**
 * Task fidelity: how right a version and its build are on rows whose right answers are known. A label is the number of
 * a class, which gives an accuracy, or a value for each element of the output, which gives an error.
 */
import type { FidelityGoal, OutputFidelity, TaskFidelity } from '@skerry/contract/builds/build'
import type { GoldenOutputs, GoldenTensor } from '../device/proof/golden.ts'
import { elementReader } from '../tensors/tensor-elements.ts'

/** The labels of one row by their outputs, and the answers of the version and of the build to it. */
export type LabelledRow = { labels: GoldenOutputs; version: GoldenOutputs; build: GoldenOutputs }

type Hits = { measure: 'accuracy'; count: number; version: number; build: number }
type Misses = { measure: 'rmse'; count: number; version: Sums; build: Sums }
type Sums = { squares: number; sizes: number }

/** The counts of each output so far; rows are added as they are answered, because their answers may be large. */
export type TaskTally = Map<string, Hits | Misses>

/** The meaning of a label: one class for each row of the output, or one value for each element. */
export type LabelRole = 'class' | 'value'

/** Undefined if the label fits the output in neither way. A size of -1 is any. Leading axes of size 1 do not count. */
export function labelRole(label: readonly number[], output: readonly number[]): LabelRole | undefined {
  if (output.length > 0 && output.at(-1) !== 1 && fitsShape(label, output.slice(0, -1))) return 'class'
  return fitsShape(label, output) ? 'value' : undefined
}

function fitsShape(label: readonly number[], output: readonly number[]): boolean {
  const first = label.findIndex((size) => size !== 1)
  const own = first === -1 ? [] : label.slice(first)
  const extra = output.length - own.length
  return (
    extra >= 0 &&
    output.slice(0, extra).every((size) => size === 1 || size === -1) &&
    own.every((size, axis) => output[extra + axis] === size || output[extra + axis] === -1)
  )
}

/** Adds one row. Returns the problem of a label that does not fit its output; undefined otherwise. */
export function addLabelledRow(tally: TaskTally, { labels, version, build }: LabelledRow): string | undefined {
  for (const [output, label] of labels) {
    const [wanted, got] = [version.get(output), build.get(output)]
    if (!wanted || !got || wanted.datatype !== got.datatype || wanted.shape.join() !== got.shape.join())
      return `output ${output} has another type or shape than that of the version`
    const role = labelRole(label.shape, wanted.shape)
    if (role === undefined)
      return `the label of ${output} has the shape [${label.shape.join(', ')}], and the output has [${wanted.shape.join(', ')}]`
    const row = { output, label, wanted, got }
    const problem = role === 'class' ? addClasses(tally, row) : addValues(tally, row)
    if (problem !== undefined) return problem
  }
  return undefined
}

type LabelledOutput = { output: string; label: GoldenTensor; wanted: GoldenTensor; got: GoldenTensor }

function addClasses(tally: TaskTally, { output, label, wanted, got }: LabelledOutput): string | undefined {
  const hits = hitsOf(tally, output)
  if (!hits) return mixed(output)
  const width = wanted.shape.at(-1) ?? 1
  const [classAt, version, build] = [label, wanted, got].map(valuesOf) as [Values, Values, Values]
  for (let row = 0; row < sizeOf(label); row++) {
    const right = classAt(row)
    const problem = outsideClasses(output, right, width)
    if (problem !== undefined) return problem
    hits.count++
    if (bestOf(version, row * width, width) === right) hits.version++
    if (bestOf(build, row * width, width) === right) hits.build++
  }
  return undefined
}

/** The problem of a label that is none of the classes; undefined otherwise. */
export const outsideClasses = (output: string, label: number, classes: number): string | undefined =>
  Number.isInteger(label) && label >= 0 && label < classes
    ? undefined
    : `the label of ${output} is ${label}, and its classes are 0 to ${classes - 1}`

/** Integers are answers by themselves, such as the numbers of classes. Other numbers have an error. */
const addValues = (tally: TaskTally, row: LabelledOutput): string | undefined =>
  isFloat(row.wanted) ? addErrors(tally, row) : addEqual(tally, row)

function addEqual(tally: TaskTally, { output, label, wanted, got }: LabelledOutput): string | undefined {
  const hits = hitsOf(tally, output)
  if (!hits) return mixed(output)
  const [rightAt, version, build] = [label, wanted, got].map(valuesOf) as [Values, Values, Values]
  for (let at = 0; at < sizeOf(label); at++) {
    hits.count++
    if (version(at) === rightAt(at)) hits.version++
    if (build(at) === rightAt(at)) hits.build++
  }
  return undefined
}

function addErrors(tally: TaskTally, { output, label, wanted, got }: LabelledOutput): string | undefined {
  const misses = missesOf(tally, output)
  if (!misses) return mixed(output)
  const [rightAt, version, build] = [label, wanted, got].map(valuesOf) as [Values, Values, Values]
  for (let at = 0; at < sizeOf(label); at++) {
    if (!Number.isFinite(version(at)))
      return `the version answers ${output}[${at}] with ${version(at)}, which has no error`
    if (!Number.isFinite(build(at))) return `output ${output}[${at}] is ${build(at)}`
    misses.count++
    addError(misses.version, version(at) - rightAt(at))
    addError(misses.build, build(at) - rightAt(at))
  }
  return undefined
}

const mixed = (output: string) => `the labels of ${output} are classes in one row and values in another`

function hitsOf(tally: TaskTally, output: string): Hits | undefined {
  const known = tally.get(output) ?? { measure: 'accuracy', count: 0, version: 0, build: 0 }
  tally.set(output, known)
  return known.measure === 'accuracy' ? known : undefined
}

function missesOf(tally: TaskTally, output: string): Misses | undefined {
  const none = () => ({ squares: 0, sizes: 0 })
  const known = tally.get(output) ?? { measure: 'rmse', count: 0, version: none(), build: none() }
  tally.set(output, known)
  return known.measure === 'rmse' ? known : undefined
}

function addError(sums: Sums, error: number): void {
  sums.squares += error * error
  sums.sizes += Math.abs(error)
}

type Values = (index: number) => number

function valuesOf({ datatype, data }: GoldenTensor): Values {
  const read = elementReader(datatype, data)
  return (index) => Number(read(index))
}

const sizeOf = ({ shape }: GoldenTensor) => shape.reduce((product, size) => product * size, 1)

const isFloat = ({ datatype }: GoldenTensor) => ['FP16', 'BF16', 'FP32', 'FP64'].includes(datatype)

/** The place of the largest of `width` values, the first of equal ones. */
function bestOf(values: Values, start: number, width: number): number {
  let best = 0
  for (let at = 1; at < width; at++) if (values(start + at) > values(start + best)) best = at
  return best
}

/** The figures of each labelled output; outputs without labels have none. */
export function withTasks(fidelity: readonly OutputFidelity[], tally: TaskTally): OutputFidelity[] {
  return fidelity.map((each) => {
    const counted = tally.get(each.output)
    return counted && counted.count > 0 ? { ...each, task: taskOf(counted) } : each
  })
}

function taskOf(counted: Hits | Misses): TaskFidelity {
  const { measure, count } = counted
  if (measure === 'accuracy')
    return { measure, labels: count, version: counted.version / count, build: counted.build / count }
  const rmse = ({ squares }: Sums) => Math.sqrt(squares / count)
  const mae = { version: counted.version.sizes / count, build: counted.build.sizes / count }
  return { measure, labels: count, version: rmse(counted.version), build: rmse(counted.build), mae }
}

/** For an optimisation with labels whose goals do not say it: one answer in a hundred, or a hundredth of the error. */
export const ACCURACY_DROP_MAX = 0.01
export const ERROR_RISE_MAX = 0.01

type TaskGoal = Pick<FidelityGoal, 'accuracyDropMax' | 'errorRiseMax'>

/** The reason why the build misses the goal on the labels; undefined if it reaches it. */
export function taskProblem(
  task: TaskFidelity,
  { accuracyDropMax = ACCURACY_DROP_MAX, errorRiseMax = ERROR_RISE_MAX }: TaskGoal,
): string | undefined {
  // 0.95 - 0.945 is more than 0.005 in binary.
  const exact = (value: number) => Number(value.toPrecision(10))
  if (task.measure === 'accuracy') {
    const drop = exact(task.version - task.build)
    if (drop <= accuracyDropMax) return undefined
    return `${taskText(task)}; it drops by ${percent(drop)}, ${percent(accuracyDropMax)} is allowed`
  }
  if (task.build <= exact(task.version * (1 + errorRiseMax))) return undefined
  const rise = task.version === 0 ? 'from none' : `by ${percent(exact(task.build / task.version - 1))}`
  return `${taskText(task)}; it rises ${rise}, ${percent(errorRiseMax)} is allowed`
}

/** Such as `accuracy 0.912 on 384 labels, that of the version 0.931`. */
export function taskText({ measure, labels, version, build, mae }: TaskFidelity): string {
  const count = `${labels} label${labels === 1 ? '' : 's'}`
  if (measure === 'accuracy') return `accuracy ${short(build)} on ${count}, that of the version ${short(version)}`
  const means = mae ? ` (MAE ${short(mae.build)}, ${short(mae.version)})` : ''
  return `RMSE ${short(build)} on ${count}, that of the version ${short(version)}${means}`
}

const short = (value: number) => Number(value.toPrecision(4))
const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`
