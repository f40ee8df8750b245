/**
 * Run model: a program that runs models on inputs, and writes their outputs. A test starts it under an emulator, whose
 * processor has other instruction sets.
 *
 *     node run-model.ts TASK.json ANSWERS.json
 */
import { readFile, writeFile } from 'node:fs/promises'
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { Tensor } from '@skerry/contract/models/tensor'
import { fromContract, toContract } from '@skerry/inference/host/raw-tensor'
import { openSession } from '@skerry/inference/seat/session'

/** The models by their names. */
export type RunTask = { models: Record<string, string>; cases: GoldenInputCase[] }

export type RunAnswers = Record<string, Record<string, Tensor>[]>

if (import.meta.main) {
  const [, , taskPath = '', answersPath = ''] = process.argv
  const task = JSON.parse(await readFile(taskPath, 'utf8')) as RunTask
  await writeFile(answersPath, JSON.stringify(await runModels(task)))
}

/** The outputs of each model to each case, on one thread, as a device runs it. */
export async function runModels({ models, cases }: RunTask): Promise<RunAnswers> {
  const answers: RunAnswers = {}
  for (const [name, modelPath] of Object.entries(models)) {
    const session = await openSession({ modelPath }, { threads: 1, spin: false, warmUpRuns: 0 })
    const outputs = session.signature.outputs.map((output) => output.name)
    const own: Record<string, Tensor>[] = []
    for (const { inputs } of cases) {
      const given = Object.entries(inputs).map(([input, tensor]) => fromContract(input, tensor))
      const run = await session.run(given, outputs)
      own.push(Object.fromEntries(run.outputs.map((tensor) => [tensor.name, toContract(tensor)])))
    }
    answers[name] = own
    await session.close()
  }
  return answers
}
