/** The batch command `bench-model`: a device measures a version and its builds. `build.benchCommand` makes it. */
import * as z from 'zod'
import { BuildId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import { Recipe } from './build.ts'
import { CANDIDATES_MAX, Candidate } from './measurement.ts'

/**
 * Files of all candidates. The signed statement of a batch has 48 KB at most, and a file takes some 150 bytes. A build
 * has two files.
 */
export const BENCH_FILES_MAX = 128

/** A job has ten minutes on a device. Half of them are for the transfer of files and for the checks. */
const SECONDS_MAX = 300

/** Seven candidates take some 20 s for a sitting at half of a processor, and an interval needs five sittings. */
const SECONDS_DEFAULT = 120

/** Half of one thread leaves the device to its own work. */
const CPU_PERCENT_DEFAULT = 50

const settings = {
  /** The time that a device may take for the turns of all candidates, and for waiting until it is idle. */
  seconds: z.int().min(5).max(SECONDS_MAX).default(SECONDS_DEFAULT),
  /** The share of the time in which a candidate runs. It rests in between. */
  cpuPercent: z.int().min(5).max(100).default(CPU_PERCENT_DEFAULT),
  /** Whether the device also tries settings of the session, with the fastest build. Absent for agents without them. */
  sessions: z.literal(true).optional(),
  /** The same for rows that run as one. Absent for agents without them, too. */
  batches: z.literal(true).optional(),
}

export const BenchCommand = z.strictObject({
  kind: z.literal('bench-model'),
  name: Name,
  version: z.int().min(1),
  /** The version itself is the first: the others are compared with it. */
  candidates: z
    .array(Candidate)
    .min(1)
    .max(CANDIDATES_MAX)
    .refine(
      (all) => all.every(({ build }, place) => (build === undefined) === (place === 0)),
      'the first candidate must be the version itself, and the others its builds',
    )
    .refine((all) => new Set(all.map(({ digest }) => digest)).size === all.length, 'name each candidate once')
    .refine(
      (all) => all.reduce((count, { files }) => count + files.length, 0) <= BENCH_FILES_MAX,
      `the candidates have more than ${BENCH_FILES_MAX} files`,
    ),
  ...settings,
})
export type BenchCommand = z.infer<typeof BenchCommand>

/** Names the builds to measure: by id, or the newest ones of recipes. The newest of each recipe if absent. */
export const BenchRequest = z.strictObject({
  builds: z
    .array(z.union([BuildId, Recipe]))
    .max(CANDIDATES_MAX - 1)
    .optional(),
  ...settings,
})
export type BenchRequest = z.infer<typeof BenchRequest>
