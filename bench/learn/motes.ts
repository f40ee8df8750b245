/**
 * Motes: real readings of sensors with labelled events [Suthaharan et al. 2010]. A detector learns from the last
 * 40 % of the readings, which have no event, and is judged on those before. Motes without events count false alarms.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DetectorKind } from '@skerry/contract/learning/learning'
import { peaksOf } from '@skerry/onnx/learn/extremes'
import { aucOf } from '@skerry/onnx/learn/judge'
import { learnDetector, runDetector } from '@skerry/onnx/learn/learn'
import { sliceRows, type TagRows, windowEnds, windowValues } from '@skerry/onnx/learn/windows'
import { referenceScores } from './reference.ts'
import { runModel } from './runtime.ts'

const FOLDER = join(import.meta.dirname, '../../examples/sensor-anomaly/readings')

const SAMPLES = 8

const TESTED_SHARE = 0.6

const KINDS: readonly DetectorKind[] = ['pca', 'change', 'auto-encoder', 'forest']

type Readings = { name: string; rows: TagRows; labels: readonly boolean[] }

async function readMote(file: string): Promise<Readings> {
  const lines = (await readFile(join(FOLDER, file), 'utf8')).trim().split('\n').slice(1)
  const cells = lines.map((line) => line.split(',').map(Number))
  const values = Float64Array.from(cells.flatMap(([, humidity = 0, temperature = 0]) => [humidity, temperature]))
  const labels = cells.map(([, , , label]) => label === 1)
  return {
    name: file.replace('.csv', ''),
    rows: { tags: ['humidity', 'temperature'], values, rows: cells.length },
    labels,
  }
}

/** The same windows for scikit-learn. Nothing if the mote has no event to find. */
async function judgeReference({ rows, labels }: Readings): Promise<object> {
  const cut = Math.floor(rows.rows * TESTED_SHARE)
  const rest = sliceRows(rows, 0, cut)
  const ends = windowEnds(rest, SAMPLES)
  const isEvent = ends.map((end) => labels.slice(end - SAMPLES + 1, end + 1).some(Boolean))
  if (!isEvent.includes(true)) return {}
  const reference = await referenceScores({
    learned: sliceRows(rows, cut, rows.rows),
    samples: SAMPLES,
    tests: [windowValues(rest, SAMPLES, ends)],
    seed: 1,
  })
  if (typeof reference === 'string') return { 'scikit-learn': { missing: reference } }
  const aucs = Object.entries(reference.scores).map(([kind, [scores = new Float32Array(0)]]) => [
    kind,
    {
      auc: Number(
        aucOf(
          scores.filter((_, at) => !isEvent[at]),
          scores.filter((_, at) => isEvent[at]),
        ).toFixed(4),
      ),
    },
  ])
  return { 'scikit-learn': { version: reference.version, ...Object.fromEntries(aucs) } }
}

const ACCEPT = ['two_regimes', 'detector_weak', 'source_faulty', 'unit_changed']

/** By some candidates, from the readings without events. */
function learnMote({ rows }: Readings, kinds: readonly DetectorKind[]) {
  const order = { everyMs: 5_000, samples: SAMPLES, falseAlarmDays: 7, accept: ACCEPT, seed: 1, kinds }
  const learned = sliceRows(rows, Math.floor(rows.rows * TESTED_SHARE), rows.rows)
  return learnDetector({ rows: learned, order, run: runModel, signal: new AbortController().signal })
}

/** The candidate that a learning chooses, by the planted faults alone. */
async function chosenFor(mote: Readings): Promise<object> {
  const { detector, candidates } = await learnMote(mote, KINDS)
  const stability = candidates.map((one) => [one.kind, Number(one.stability.toFixed(2))])
  return { chosen: detector?.kind ?? 'refused', stability: Object.fromEntries(stability) }
}

async function judgeMote(mote: Readings, kind: DetectorKind): Promise<object> {
  const cut = Math.floor(mote.rows.rows * TESTED_SHARE)
  const started = performance.now()
  const outcome = await learnMote(mote, [kind])
  const { detector, findings } = outcome
  if (!detector) return { refused: findings.map(({ code }) => code) }
  const seconds = (performance.now() - started) / 1_000
  const rest = sliceRows(mote.rows, 0, cut)
  const ends = windowEnds(rest, SAMPLES)
  const { scores } = await runDetector(runModel, detector.model, windowValues(rest, SAMPLES, ends), [SAMPLES, 2])
  const { labels } = mote
  const isEvent = (end: number) => labels.slice(end - SAMPLES + 1, end + 1).some(Boolean)
  const normal = scores.filter((_, at) => !isEvent(ends[at] ?? 0))
  const events = scores.filter((_, at) => isEvent(ends[at] ?? 0))
  return {
    ...(events.length > 0 && {
      auc: Number(aucOf(normal, events).toFixed(4)),
      eventsFound: Number((events.filter((score) => score >= 1).length / events.length).toFixed(3)),
    }),
    falseAlarmsPer1000Windows: Number(((1_000 * peaksOf(normal, 1, SAMPLES).length) / normal.length).toFixed(3)),
    seconds: Number(seconds.toFixed(1)),
  }
}

export async function moteFigures(): Promise<object> {
  const figures: Record<string, object> = {}
  for (const file of (await readdir(FOLDER)).filter((name) => name.endsWith('.csv')).toSorted()) {
    const mote = await readMote(file)
    const judged: Record<string, object> = {}
    for (const kind of KINDS) judged[kind] = await judgeMote(mote, kind)
    figures[mote.name] = { ...(await chosenFor(mote)), ...judged, ...(await judgeReference(mote)) }
  }
  return figures
}
