/**
 * Compare versions: runs a version on the golden inputs of another one, in the sandbox and the queue of pushes. Nothing
 * is stored except the audit record.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GOLDEN_PATH, Golden } from '@skerry/contract/devices/golden'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { ComparedAnswers, ModelFile } from '@skerry/contract/models/model'
import { needsOwnFiles } from '@skerry/inference/runtime/hard-links'
import { runGoldenInputs } from '@skerry/inference/seat/golden-trial'
import type { KeyCall } from '../http/call.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { type Staged, stageFiles } from './staging.ts'
import { filesOf } from './version-store.ts'

export type Compared = { version: VersionTable; inputsOf: VersionTable }

/** A push takes a minute at most, and this takes no longer. */
const RETRY_AFTER_MS = 30_000

/** Answers with the outputs of the version. */
export async function compareVersions(
  call: KeyCall,
  compared: Compared,
  signal: AbortSignal,
): Promise<ComparedAnswers> {
  const { hub, organisationId } = call
  const files = await filesOf(hub.store.db, compared.version.id)
  const golden = (await filesOf(hub.store.db, compared.inputsOf.id)).find(({ path }) => path === GOLDEN_PATH)
  if (!files.some(({ path }) => path === MODEL_PATH)) throw problem('version_not_model')
  if (!golden) throw problem('golden_invalid', noGolden(compared.inputsOf))
  const ending = AbortSignal.any([hub.signal, signal])
  using _pins = hub.blobGuard.pin([...files, golden].map(({ digest }) => digest))
  const work = () => runInTurn(call, { compared, files, golden }, ending)
  const queued = hub.pushQueue.run(organisationId, work, ending)
  if (!queued.ok) throw problem('push_queue_full', undefined, { retryAfterMs: RETRY_AFTER_MS })
  // Awaited here, so that the pins hold until the run has ended.
  return await queued.value
}

const noGolden = ({ name, version }: VersionTable) =>
  `${name}:${version} has no golden inputs; push a version with golden inputs to compare its outputs`

type Run = { compared: Compared; files: readonly ModelFile[]; golden: ModelFile }

async function runInTurn(call: KeyCall, { compared, files, golden }: Run, signal: AbortSignal) {
  signal.throwIfAborted()
  const { hub } = call
  const id = hub.ids.version()
  await using staged = await stageFiles(hub, { folder: hub.stagingPath(id), files }, signal)
  // A folder of its own, because the version has a golden file of the same path.
  const beside = { folder: `${hub.stagingPath(id)}.golden`, files: [golden] }
  await using other = await stageFiles(hub, beside, signal)
  const inputs = Golden.parse(JSON.parse(await readFile(join(other.folder, GOLDEN_PATH), 'utf8')))
  const cases = await answersOf(staged, { inputs, memoryBytes: hub.trialBytes }, signal)
  const { version, inputsOf } = compared
  await call.change(async (_tx, note) => {
    note.object.id = `${version.name}/${version.version}`
    note.detail = { inputsOf: inputsOf.version, cases: cases.length }
  })
  return { version: version.version, inputsOf: inputsOf.version, cases }
}

type Trial = { inputs: Golden; memoryBytes: number }

async function answersOf(staged: Staged, { inputs, memoryBytes }: Trial, signal: AbortSignal) {
  const cases = inputs.cases.map((each) => ({ inputs: each.inputs }))
  const trial = { modelPath: staged.modelPath, inputs: { ...inputs, cases }, memoryBytes }
  let tried = await runGoldenInputs(trial, signal)
  if (needsOwnFiles(tried)) {
    await staged.ownFiles()
    tried = await runGoldenInputs(trial, signal)
  }
  if (!tried.ok) throwProblem(tried)
  return (tried.golden?.cases ?? []).map(({ outputs }) => ({ outputs }))
}
