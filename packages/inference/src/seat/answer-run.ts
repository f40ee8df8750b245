/** Answer run: runs the requests of an order in a session, together if they came as a batch. */
import { joinInputs, splitOutputs } from '../host/batch.ts'
import type { Session } from './session.ts'
import type { RunOrder, RunReport } from './worker-message.ts'

type Run = Session['run']

/** The report of one order. A request that fails is an outcome of its own. */
export const answerRun = (run: Run, order: RunOrder): Promise<RunReport> =>
  order.requests.length > 1 ? runTogether(run, order) : runEach(run, order)

async function runTogether(run: Run, order: RunOrder): Promise<RunReport> {
  try {
    const { outputs, times } = await run(joinInputs(order.requests), order.outputs)
    const parts = splitOutputs(outputs, order.rows)
    if (parts === undefined) return { ...(await runEach(run, order)), isSplittable: false }
    const rows = order.rows.reduce((sum, count) => sum + count, 0)
    const outcomes = parts.map((part) => ({ ok: true as const, outputs: part, times }))
    return { outcomes, runs: [{ rows, times }], isSplittable: true }
  } catch {
    // One request that the model cannot digest must not fail its neighbours: each tries alone.
    return runEach(run, order)
  }
}

async function runEach(run: Run, order: RunOrder): Promise<RunReport> {
  const done: RunReport = { outcomes: [], runs: [], isSplittable: true }
  for (const [at, inputs] of order.requests.entries()) {
    try {
      const { outputs, times } = await run(inputs, order.outputs)
      done.outcomes.push({ ok: true, outputs, times })
      done.runs.push({ rows: order.rows[at] ?? 1, times })
    } catch (cause) {
      done.outcomes.push({ ok: false, message: cause instanceof Error ? cause.message : String(cause) })
    }
  }
  return done
}
