/** Run check: the CLI reads the inputs of one check, the model answers them, and core judges the answers. */
import { join } from 'node:path'
import type {
  Check,
  GoldenCheck,
  InvarianceCheck,
  LatencyCheck,
  SizeCheck,
  SliceCheck,
} from '@skerry/contract/checks/check-file'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import { quantileOf } from '@skerry/core/builds/speed'
import { judgeGolden } from '@skerry/core/checks/golden-check'
import { changeTensor, judgeInvariance } from '@skerry/core/checks/invariance-check'
import { rowAnswers } from '@skerry/core/checks/row-answers'
import { judgeSlices } from '@skerry/core/checks/slice-check'
import { tableInputs } from '@skerry/core/checks/table-inputs'
import { type Verdict, verdictOf } from '@skerry/core/checks/verdict'
import { USUAL_TOLERANCE } from '@skerry/core/device/proof/golden'
import { csvRows } from '@skerry/core/values/csv-rows'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { readGolden } from '../models/files/golden-file.ts'
import { answersOf, type Inputs, outputsOf, plainTensor, timesOf, wireTensor } from './answers.ts'
import type { CheckedModel } from './checked-model.ts'

/** `folder`: the folder of the file with the checks, below which its paths are. */
export type CheckRun = { model: CheckedModel; folder: string; signal: AbortSignal }

/** Runs the check. A file that cannot be read fails the command; a model that does not answer fails the check. */
export async function runCheck(check: Check, run: CheckRun): Promise<Verdict> {
  const runner = RUNNERS[check.check] as (check: Check, run: CheckRun) => Promise<Verdict>
  return await runner(check, run)
}

const RUNNERS: {
  [Name in Check['check']]: (check: Extract<Check, { check: Name }>, run: CheckRun) => Promise<Verdict>
} = {
  golden: checkGolden,
  invariance: checkInvariance,
  slice: checkSlices,
  latency: checkLatency,
  size: checkSize,
}

async function checkGolden({ file, tolerance }: GoldenCheck, run: CheckRun): Promise<Verdict> {
  const golden = await casesIn(file, run)
  const answers = await answersOf(
    run.model.modelPath,
    golden.cases.map(({ inputs }) => inputs),
    run.signal,
  )
  const allowed = tolerance ?? golden.tolerance ?? USUAL_TOLERANCE
  if (!answers.ok) return unanswered(answers.message)
  const cases = golden.cases.map(({ outputs = {} }, at) => ({
    expected: outputsOf(outputs),
    answer: outputsOf(answers.outputs[at] ?? {}),
  }))
  return judgeGolden(cases, allowed)
}

async function checkInvariance({ file, change, ...rule }: InvarianceCheck, run: CheckRun): Promise<Verdict> {
  const { cases } = await casesIn(file, run)
  const { inputs: specs } = run.model.summary
  const name = change.input ?? (specs.length === 1 ? specs[0]?.name : undefined)
  const names = specs.map((spec) => spec.name).join(', ')
  if (name === undefined || !specs.some((spec) => spec.name === name))
    throw fail('file_invalid', `change.input must be an input of the model: ${names}`)
  const changed: Inputs[] = []
  for (const { inputs } of cases) {
    const tensor = inputs[name]
    const made = tensor && changeTensor(plainTensor(tensor), change)
    if (!made) throw fail('file_invalid', `a case has no input ${name}`)
    if (!made.ok) throw fail('file_invalid', `the change of ${name}: ${made.message}`)
    changed.push({ ...inputs, [name]: wireTensor(made.tensor) })
  }
  const asked = [...cases.map(({ inputs }) => inputs), ...changed]
  const answers = await answersOf(run.model.modelPath, asked, run.signal)
  if (!answers.ok) return unanswered(answers.message)
  const at = (index: number) => outputsOf(answers.outputs[index] ?? {})
  const pairs = cases.map((_, index) => ({ before: at(index), after: at(cases.length + index) }))
  return judgeInvariance(pairs, { ...rule, tolerance: rule.tolerance ?? USUAL_TOLERANCE })
}

async function checkSlices(check: SliceCheck, run: CheckRun): Promise<Verdict> {
  const path = join(run.folder, check.table)
  const rows = parsedRows(path, await readText(path))
  const table = tableInputs(rows, run.model.summary.inputs, check)
  if (!table.ok) throw fail('file_invalid', `${path}: ${table.message}`)
  const asked = table.batches.map(({ inputs }) =>
    Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, wireTensor(tensor)])),
  )
  const answers = await answersOf(run.model.modelPath, asked, run.signal)
  if (!answers.ok) return unanswered(answers.message)
  const { label, by } = check
  const answered = table.batches.flatMap((batch, at) => {
    const found = rowAnswers(outputsOf(answers.outputs[at] ?? {}), batch.rows.length, check)
    return batch.rows.map(({ values }, row) => ({
      slice: by === undefined ? 'all rows' : `${by} ${values[by.toLowerCase()] ?? ''}`,
      label: values[label.toLowerCase()] ?? '',
      predicted: found[row],
    }))
  })
  return judgeSlices(answered, check)
}

async function checkLatency({ file, runs, p50Ms, p95Ms }: LatencyCheck, run: CheckRun): Promise<Verdict> {
  const { cases } = await casesIn(file, run)
  const { modelPath } = run.model
  const timed = await timesOf({ modelPath, cases: cases.map(({ inputs }) => inputs), runs }, run.signal)
  if (!timed.ok) return unanswered(timed.message)
  const sorted = timed.runsMs.toSorted((one, other) => one - other)
  const { passed, measured, limit } = verdictOf([
    ...(p50Ms === undefined ? [] : [{ label: 'p50', value: quantileOf(sorted, 0.5), unit: ' ms', atMost: p50Ms }]),
    ...(p95Ms === undefined ? [] : [{ label: 'p95', value: quantileOf(sorted, 0.95), unit: ' ms', atMost: p95Ms }]),
  ])
  return { passed, measured: `${measured} of ${sorted.length} runs`, limit }
}

const MEGABYTE = 1_000_000

async function checkSize({ megabytes }: SizeCheck, { model }: CheckRun): Promise<Verdict> {
  return verdictOf([{ label: 'files', value: model.sizeBytes / MEGABYTE, unit: ' MB', atMost: megabytes }])
}

const unanswered = (message: string): Verdict => ({ passed: false, measured: message, limit: 'the model answers' })

/** The cases of the file, or those of the version on the hub. */
async function casesIn(file: string | undefined, { model, folder }: CheckRun): Promise<GoldenInputs> {
  if (file === undefined) {
    if (model.golden) return model.golden
    throw fail('file_invalid', `${model.title} has no golden cases`, {
      next: 'name a file with cases as "file" of the check',
    })
  }
  const { golden } = await readGolden([{ file: join(folder, file) }], model.summary, undefined)
  return golden
}

function parsedRows(path: string, text: string) {
  try {
    return csvRows(text)
  } catch (error) {
    throw fail('file_invalid', `${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
