/** Bench command: composes the batch command that measures a version and its builds on devices. */
import type { BenchCommand, BenchRequest } from '@skerry/contract/builds/bench-command'
import { BENCH_FILES_MAX } from '@skerry/contract/builds/bench-command'
import type { Build } from '@skerry/contract/builds/build'
import { CANDIDATES_MAX, type Candidate } from '@skerry/contract/builds/measurement'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { problem } from '../http/problem.ts'
import { filesOf } from '../models/version-store.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { buildsOf } from './build-store.ts'

/**
 * Without names, the largest builds are left out if there are too many: they are float16, which has the speed of the
 * version.
 *
 * Throws the contract's problem if the version cannot be measured, or has no such build.
 */
export async function benchCommandOf(
  db: Db,
  { version, organisationId }: { version: VersionTable; organisationId: OrganisationId },
  { builds, seconds, cpuPercent, sessions, batches }: BenchRequest,
): Promise<BenchCommand> {
  if (version.golden_cases === 0) throw problem('bench_refused')
  const all = await buildsOf(db, organisationId, version.id)
  const wanted = builds ? builds.map((reference) => namedBuild(all, reference, version)) : newestOfEach(all)
  const own: Candidate = { digest: version.digest, files: await filesOf(db, version.id) }
  const others = wanted.map(({ id, digest, files }): Candidate => ({ build: id, digest, files }))
  const candidates = onceEach([own, ...others]).slice(0, builds ? undefined : CANDIDATES_MAX)
  const count = candidates.reduce((sum, { files }) => sum + files.length, 0)
  if (count > BENCH_FILES_MAX)
    throw problem('bench_refused', `the candidates have ${count} files, and a batch takes ${BENCH_FILES_MAX} at most`)
  const { name, version: number } = version
  const settings = { seconds, cpuPercent, ...(sessions && { sessions }), ...(batches && { batches }) }
  return { kind: 'bench-model', name, version: number, candidates, ...settings }
}

/** Two recipes can give the same bytes in a small model. */
const onceEach = (all: readonly Candidate[]) =>
  all.filter(({ digest }, place) => all.findIndex((other) => other.digest === digest) === place)

const byAge = (one: Build, other: Build) => other.createdAtMs - one.createdAtMs

/** In the order of the list: smallest first. */
function newestOfEach(all: readonly Build[]): Build[] {
  const byNewest = all.toSorted(byAge)
  return all.filter((build) => byNewest.find(({ recipe }) => recipe === build.recipe) === build)
}

function namedBuild(all: readonly Build[], reference: string, { name, version }: VersionTable): Build {
  const found = all.toSorted(byAge).find(({ id, recipe }) => id === reference || recipe === reference)
  if (found) return found
  const model = `${name}:${version}`
  throw problem('build_unknown', `${model} has no build ${reference}; "skerry build ls ${model}" lists them`)
}
