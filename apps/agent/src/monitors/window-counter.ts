/**
 * Window counter: counts the values of one version into the bins of its reference profile, window by window. Its memory is
 * bounded by the number of bins, and its time by a limit of rows in each second. It keeps no value.
 */

import type { Watch } from '@skerry/contract/held/monitors'
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import type { MonitorWindow, ScoreCounts } from '@skerry/contract/monitors/profile'
import { addValue, countsIn, createTally, type Tally } from '@skerry/core/monitors/bins'
import { noScores } from '@skerry/core/monitors/calibration'
import { type MovedFeature, movedFeatures } from '@skerry/core/monitors/local-check'
import { largestOf } from '@skerry/core/monitors/profile'
import { textHash } from '@skerry/core/monitors/text-hash'
import { elementReader } from '@skerry/inference/host/element-reader'
import { type RawTensor, splitBytes } from '@skerry/inference/host/raw-tensor'
import { countClusters } from './cluster-counter.ts'
import { countScores } from './score-counter.ts'

/**
 * A row of eight features takes 2 µs, so that counting takes at most a hundredth of a core. A busier model is sampled, and
 * its windows say how many rows were left out.
 */
const ROWS_PER_SECOND_MAX = 5_000

/** The most elements of a picture or sound that are read, at even distances. */
const ELEMENTS_MAX = 256

const TEXTS_MAX = 1_000

const NO_BYTES = new Uint8Array(0)

export type WindowCounter = {
  /** A request that fits the model. Returns whether its outputs are to be counted too. */
  inputs(tensors: readonly RawTensor[], rows: number, nowMs: number): boolean
  outputs(tensors: readonly RawTensor[], rows: number): void
  /** The windows that have ended by now. */
  take(nowMs: number): MonitorWindow[]
  /** These windows, and the open one: the runner ends. */
  flush(nowMs: number): MonitorWindow[]
  /** The rows of the open window, and those that it will count as lost: they are lost if the runner ends. */
  openRows(): number
  /** The features that alert in the newest window with enough rows. */
  moved(): MovedFeature[]
  /** An earlier runner lost rows of its open window: the next window says so. */
  lose(rows: number): void
}

type Counting = {
  watch: Watch
  startMs: number
  rows: number
  counted: number
  second: number
  inSecond: number
  lost: number
  tallies: Tally[]
  scores: ScoreCounts | undefined
  ended: MonitorWindow[]
  moved: MovedFeature[]
}

/** They are taken each second. So many of a source with the most bins take 50 kB a feature, and a feature may take 64 kB. */
const ENDED_MAX = 30

/** Counts nothing yet. */
export function createWindowCounter(watch: Watch): WindowCounter {
  const it: Counting = {
    watch,
    startMs: 0,
    rows: 0,
    counted: 0,
    second: 0,
    inSecond: 0,
    lost: 0,
    tallies: [],
    scores: undefined,
    ended: [],
    moved: [],
  }
  return {
    inputs(tensors, rows, nowMs) {
      turn(it, nowMs)
      it.rows += rows
      if (!hasTime(it, rows, nowMs)) return false
      it.counted += rows
      count(it, 'input', tensors)
      return true
    },
    outputs(tensors, rows) {
      count(it, 'output', tensors)
      if (it.scores) countScores(it.scores, watch.scores, tensors, rows)
    },
    take(nowMs) {
      turn(it, nowMs)
      return it.ended.splice(0)
    },
    flush(nowMs) {
      turn(it, nowMs)
      if (it.rows > 0) it.ended.push(windowOf(it))
      Object.assign(it, { startMs: 0, rows: 0, counted: 0 })
      return it.ended.splice(0)
    },
    openRows: () => it.rows + it.lost,
    moved() {
      if (it.counted >= (watch.check?.rowsMin ?? Number.POSITIVE_INFINITY))
        it.moved = movedFeatures(watch, it.tallies.map(countsIn))
      return it.moved
    },
    lose(rows) {
      it.lost += rows
    },
  }
}

/** Begins the window of that time, and ends the one before if it has rows. Windows of all devices begin alike. */
function turn(it: Counting, nowMs: number): void {
  const { windowMs } = it.watch
  const startMs = Math.floor(nowMs / windowMs) * windowMs
  if (startMs === it.startMs) return
  if (it.rows > 0) it.ended.push(windowOf(it))
  if (it.ended.length > ENDED_MAX) loseOldest(it)
  const tallies = it.watch.features.map(({ edges, hasGrid }) => createTally(edges, hasGrid))
  const scores = it.watch.scores && noScores(it.watch.scores.classes.length)
  Object.assign(it, { startMs, rows: 0, counted: 0, tallies, scores })
}

/** The window may itself say how many rows were lost before it. */
function loseOldest(it: Counting): void {
  const oldest = it.ended.shift()
  it.lost += (oldest?.rows ?? 0) + (oldest?.lost ?? 0)
}

function windowOf(it: Counting): MonitorWindow {
  const { lost } = it
  it.lost = 0
  return { ...countedIn(it), ...(lost > 0 && { lost }) }
}

const countedIn = ({ watch, startMs, rows, counted, tallies, scores }: Counting): MonitorWindow => ({
  v: 1,
  model: watch.model,
  version: watch.version,
  profile: watch.profile,
  startMs,
  endMs: startMs + watch.windowMs,
  rows,
  counted,
  features: tallies.map(countsIn),
  ...(scores && { scores }),
})

/** Takes a whole request or none of it: a part of one says nothing of its features together. */
function hasTime(it: Counting, rows: number, nowMs: number): boolean {
  const second = Math.floor(nowMs / 1_000)
  if (second !== it.second) Object.assign(it, { second, inSecond: 0 })
  it.inSecond += rows
  // A request with more rows than the limit is counted if it is the first of its second.
  return it.inSecond <= ROWS_PER_SECOND_MAX || it.inSecond === rows
}

function count(it: Counting, side: 'input' | 'output', tensors: readonly RawTensor[]): void {
  for (const [at, feature] of it.watch.features.entries()) {
    const tally = it.tallies[at]
    if (feature.side !== side || !tally) continue
    const { clusters } = feature
    const tensor = tensors.find(({ name }) => name === (clusters?.tensor ?? feature.tensor))
    if (tensor && clusters) countClusters(tally, clusters, tensor)
    else if (tensor && feature.isClass) countClasses(tally, tensor)
    else if (tensor?.datatype === 'BYTES') countTexts(tally, feature.column, tensor)
    else if (tensor) countTensor(tally, feature, tensor)
  }
}

/** A request may have a million short texts: the first ones count. */
function countTexts(tally: Tally, column: number | undefined, { data, shape }: RawTensor): void {
  const columns = column === undefined ? 1 : (shape[1] ?? 1)
  const texts = splitBytes(data)
  const end = Math.min(texts.length, TEXTS_MAX * columns)
  for (let at = column ?? 0; at < end; at += columns) addValue(tally, textHash(texts[at] ?? NO_BYTES))
}

/** The number of the largest column of each row. */
function countClasses(tally: Tally, { datatype, data, shape }: RawTensor): void {
  const read = elementReader(datatype)
  const columns = shape[1] ?? 1
  if (!read) return
  const size = ELEMENT_BYTES[datatype]
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const row = new Array<number>(columns)
  for (let first = 0; (first + columns) * size <= data.byteLength; first += columns) {
    for (let at = 0; at < columns; at++) row[at] = read(view, (first + at) * size)
    addValue(tally, largestOf(row))
  }
}

function countTensor(tally: Tally, { column }: Watch['features'][number], tensor: RawTensor): void {
  const read = elementReader(tensor.datatype)
  if (!read) return
  const { data, shape } = tensor
  const size = ELEMENT_BYTES[tensor.datatype]
  const elements = Math.floor(data.byteLength / size)
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const first = column ?? 0
  const rows = shape[0] ?? 1
  const columns = column === undefined ? 1 : (shape[1] ?? 1)
  // A tensor that is one feature is read as a whole if it is a row of numbers, and at even distances otherwise.
  const spread = column === undefined && shape.length > 1 ? Math.ceil(elements / (rows * ELEMENTS_MAX)) : 1
  for (let at = first; at < elements; at += columns * Math.max(1, spread)) addValue(tally, read(view, at * size))
}
