/**
 * History: the newest rows of the tags of detectors, so that a person can mark a time of them. A full file is followed by
 * a new one, and the one before it is kept. Rows of a marked time are copied, because they must outlive the newest ones.
 *
 *     NAME/shape.json   the tags of the rows; other tags begin anew
 *     NAME/older.f64    NAME/rows.f64
 *     NAME/marks/MARK.f64   NAME/marks/MARK.json
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HeldLearnings, HeldMark, KeptDetector } from '@skerry/contract/held/learnings'
import { keptRowsOf, type LearningSpec } from '@skerry/contract/learning/learning'
import { LearningMarkId } from '@skerry/contract/values/ids'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { copyRows, type Span } from '@skerry/inference/learn/recorded-rows'
import type { Log } from '@skerry/platform/process/log'
import * as z from 'zod'
import { type CollectDeps, collectRows } from './collect-rows.ts'

export type HistoryDeps = CollectDeps & { folder: string; log: Pick<Log, 'info' | 'warn'> }

/** Rows of a normal time on the disk. */
type Copied = { mark: LearningMarkId; name: string; rows: number; shape: string }

export type LearningHistory = AsyncDisposable & {
  /** From now on the rows of these detectors are kept, and these marks count. */
  follow(kept: readonly KeptDetector[], marks: readonly HeldMark[]): Promise<void>
  /** The rows of normal times, for the report. */
  held(): NonNullable<HeldLearnings['marks']>
  /** The marks that the next training of this spec counts. */
  marksFor(spec: LearningSpec): MarksForTraining
}

export type MarksForTraining = {
  normal: { mark: string; path: string }[]
  leftOut: (Span & { mark: string })[]
}

type Keeping = { stop: AbortController; ended: Promise<void>; key: string }

type History = HistoryDeps & {
  running: Map<string, Keeping>
  copied: Map<string, Copied>
  marks: readonly HeldMark[]
}

type Shape = Pick<LearningSpec, 'source' | 'tags' | 'everyMs'>

/** Rows of other tags, or of another pace, teach nothing about these. */
const shapeOf = ({ source, tags, everyMs }: Shape): string => canonicalJson({ source, tags, everyMs })

/** Opens the copies of marked rows on the disk. */
export async function openLearningHistory(deps: HistoryDeps): Promise<LearningHistory> {
  const it: History = { ...deps, running: new Map(), copied: new Map(), marks: [] }
  await mkdir(deps.folder, { recursive: true, mode: 0o700 })
  for (const name of await readdir(deps.folder)) await readCopies(it, name)
  return {
    follow: (kept, marks) => follow(it, kept, marks),
    held: () => [...it.copied.values()].map(({ mark, rows }) => ({ mark, rows })),
    marksFor: (spec) => marksFor(it, spec),
    async [Symbol.asyncDispose]() {
      await Promise.all([...it.running.values()].map(end))
    },
  }
}

const marksFolder = ({ folder }: HistoryDeps, name: string) => join(folder, name, 'marks')

const CopyNote = z.object({ rows: z.int().min(0), shape: z.string() })

async function readCopies(it: History, name: string): Promise<void> {
  const folder = marksFolder(it, name)
  for (const file of await readdir(folder).catch(() => [])) {
    const mark = LearningMarkId.safeParse(file.replace(/\.json$/, ''))
    if (!file.endsWith('.json') || !mark.success) continue
    // The note is written last: without it, the rows are copied again.
    const note = CopyNote.safeParse(jsonIn(await readFile(join(folder, file), 'utf8')))
    if (note.success) it.copied.set(mark.data, { mark: mark.data, name, ...note.data })
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function end({ stop, ended }: Keeping): Promise<void> {
  stop.abort()
  await ended
}

async function follow(it: History, kept: readonly KeptDetector[], marks: readonly HeldMark[]): Promise<void> {
  it.marks = marks
  const wanted = new Map(kept.map(({ spec }) => [spec.name, spec]))
  await endOthers(it, wanted)
  const named = new Set([...wanted.keys(), ...marks.map(({ name }) => name)])
  for (const name of await readdir(it.folder))
    if (!named.has(name)) await rm(join(it.folder, name), { recursive: true, force: true })
  await dropCopies(it)
  for (const spec of wanted.values()) {
    if (!it.running.has(spec.name)) await begin(it, spec)
    for (const mark of marks) if (mark.name === spec.name && mark.kind === 'normal') await copyMark(it, spec, mark)
  }
}

/** Detectors that are kept no more, and those with other tags or another number of rows. */
async function endOthers(it: History, wanted: ReadonlyMap<string, LearningSpec>): Promise<void> {
  for (const [name, keeping] of it.running) {
    const spec = wanted.get(name)
    if (spec && keeping.key === keyOf(spec)) continue
    await end(keeping)
    it.running.delete(name)
  }
}

const keyOf = (spec: LearningSpec) => `${shapeOf(spec)} ${keptRowsOf(spec)}`

async function dropCopies(it: History): Promise<void> {
  const wanted = new Set<string>(it.marks.map(({ mark }) => mark))
  for (const { mark, name } of it.copied.values()) {
    if (wanted.has(mark)) continue
    it.copied.delete(mark)
    for (const ending of ['json', 'f64']) await rm(join(marksFolder(it, name), `${mark}.${ending}`), { force: true })
  }
}

async function begin(it: History, spec: LearningSpec): Promise<void> {
  const folder = join(it.folder, spec.name)
  await mkdir(marksFolder(it, spec.name), { recursive: true, mode: 0o700 })
  const shapePath = join(folder, 'shape.json')
  const before = await readFile(shapePath, 'utf8').catch(() => undefined)
  if (before !== shapeOf(spec)) {
    for (const file of ['older.f64', 'rows.f64']) await rm(join(folder, file), { force: true })
    await writeFile(shapePath, shapeOf(spec), { mode: 0o600 })
  }
  const stop = new AbortController()
  const ended = keep(it, spec, folder, stop.signal)
  it.running.set(spec.name, { stop, ended, key: keyOf(spec) })
}

/** A full disk has room again some day. */
const AGAIN_MS = 60_000

/** Resolves when the signal fires. */
async function keep(it: History, spec: LearningSpec, folder: string, signal: AbortSignal): Promise<void> {
  const rowsPath = join(folder, 'rows.f64')
  while (!signal.aborted) {
    try {
      await collectRows(it, { spec, wanted: keptRowsOf(spec), rowsPath, onRow: () => {} }, signal)
      await rename(rowsPath, join(folder, 'older.f64'))
    } catch (error) {
      if (signal.aborted) return
      it.log.warn('learning_history_failed', { learning: spec.name, error })
      await it.clock.sleep(AGAIN_MS, signal).catch(() => undefined)
    }
  }
}

/** Once: later the rows would be gone. The first window of the time needs the rows before it. */
async function copyMark(it: History, spec: LearningSpec, { mark, name, fromMs, toMs }: HeldMark): Promise<void> {
  if (it.copied.has(mark)) return
  const folder = join(it.folder, name)
  const path = join(marksFolder(it, name), `${mark}.f64`)
  const span = { fromMs: fromMs - spec.samples * spec.everyMs, toMs }
  const sources = ['older.f64', 'rows.f64'].map((file) => join(folder, file))
  const rows = await copyRows(sources, path, { tags: spec.tags.length, span })
  const note = { rows, shape: shapeOf(spec) }
  await writeFile(join(marksFolder(it, name), `${mark}.json`), JSON.stringify(note), { mode: 0o600 })
  it.copied.set(mark, { mark, name, ...note })
  it.log.info('learning_marked', { learning: name, mark, rows })
}

function marksFor(it: History, spec: LearningSpec): MarksForTraining {
  const shape = shapeOf(spec)
  const normal = [...it.copied.values()]
    .filter((copy) => copy.name === spec.name && copy.shape === shape && copy.rows > 0)
    .map(({ mark, name }) => ({ mark, path: join(marksFolder(it, name), `${mark}.f64`) }))
  const leftOut = it.marks
    .filter(({ name, kind }) => name === spec.name && kind === 'left-out')
    .map(({ mark, fromMs, toMs }) => ({ mark, fromMs, toMs }))
  return { normal, leftOut }
}
