/**
 * Reference: scikit-learn on the same windows, in the same run. It gets the features of the detectors, scaled by the rows
 * that they learn from, so that only the candidates differ.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  FEATURES_OF_TAG,
  featuresOf,
  scalingOf,
  someEnds,
  type TagRows,
  windowValues,
} from '@skerry/onnx/learn/windows'

/** The one for which Debian installs packages. */
const PYTHON = '/usr/bin/python3'

const SCRIPT = join(import.meta.dirname, 'reference.py')

/** Debian names the package so. */
const MISSING = 'python3-sklearn is not installed'

/** A minimum covariance determinant of 20,000 windows of 27 features takes a minute. */
const TIME_MS_MAX = 900_000

type Reference = { version: string; scores: Readonly<Record<string, readonly Float32Array[]>> }

type Question = { learned: TagRows; samples: number; tests: readonly Float32Array[]; seed: number }

/** The scores of the windows of each test. A text says why there are none. */
export async function referenceScores({ learned, samples, tests, seed }: Question): Promise<Reference | string> {
  const scaling = scalingOf(learned, samples)
  const features = (windows: Float32Array) => Buffer.from(Float32Array.from(featuresOf(scaling, windows)).buffer)
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-learn-'))
  try {
    await writeFile(join(folder, 'train'), features(windowValues(learned, samples, someEnds(learned, samples))))
    for (const [at, windows] of tests.entries()) await writeFile(join(folder, `test-${at}`), features(windows))
    const width = learned.tags.length * FEATURES_OF_TAG
    const args = [SCRIPT, folder, width, tests.length, seed].map(String)
    const { status, stdout, stderr } = spawnSync(PYTHON, args, { encoding: 'utf8', timeout: TIME_MS_MAX })
    if (status !== 0) return stderr.includes('ModuleNotFoundError') ? MISSING : `scikit-learn failed: ${stderr}`
    const { version, kinds } = JSON.parse(stdout) as { version: string; kinds: string[] }
    const scores: Record<string, Float32Array[]> = {}
    for (const kind of kinds) {
      scores[kind] = []
      for (const at of tests.keys()) scores[kind].push(floatsOf(await readFile(join(folder, `${kind}-${at}`))))
    }
    return { version, scores }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const floatsOf = (bytes: Buffer) => new Float32Array(Uint8Array.from(bytes).buffer)
