/**
 * The thread of a candidate: loads its model, checks its answers to the golden cases, and runs its turns. The runtime
 * blocks this thread.
 */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Golden, type GoldenCase } from '@skerry/contract/devices/golden'
import { caseText } from '@skerry/core/device/proof/difference-words'
import { compareGolden, type GoldenOutputs } from '@skerry/core/device/proof/golden'
import { answerQuestion } from '@skerry/platform/process/asking'
import { joinInputs, splitOutputs } from '../host/batch.ts'
import { fitRequest } from '../host/infer-request.ts'
import { fromContract, type RawTensor } from '../host/raw-tensor.ts'
import { readSource } from '../runtime/model-source.ts'
import { RUNTIME_NAME } from '../runtime/onnx-runtime.ts'
import { openSession, type Session } from '../seat/session.ts'
import type {
  CandidateOrder,
  CandidateProblem,
  CandidateReport,
  Turn,
  TurnAnswer,
  TurnMessage,
} from './candidate-message.ts'

if (parentPort === null) throw new Error('candidate-worker.ts must be started as a worker thread')
const port = parentPort

/** One thread, as a version is served if nothing else is set. */
const SETTINGS = { threads: 1, spin: false, warmUpRuns: 0 }

const report = (message: CandidateReport) => port.postMessage(message)

type Question = { inputs: RawTensor[]; outputs: readonly string[] }

/** A candidate that has a problem. Only this thread throws and catches it. */
class Refused extends Error {
  readonly problem: CandidateProblem
  constructor(problem: CandidateProblem) {
    super(problem.message)
    this.problem = problem
  }
}

async function open({ source, golden, session: settings }: CandidateOrder): Promise<void> {
  const { cases, tolerance } = Golden.parse(JSON.parse(Buffer.from(readSource(golden)).toString('utf8')))
  const session = await openSession(source, { ...SETTINGS, ...settings })
  const questions: Question[] = []
  for (const [at, each] of cases.entries())
    questions.push(await checked(session, each, { tolerance, place: caseText({ case: at + 1, cases: cases.length }) }))
  const batch = settings?.batch ?? 1
  const asked = batch === 1 ? questions : [await batched(session, { cases, questions, tolerance, batch })]
  report({ kind: 'ready', cases: asked.length, runtime: RUNTIME_NAME })
  port.on('message', (message: TurnMessage) => {
    const answerers = { turn: (turn: Turn) => runTurn(session, asked, { ...turn, batch }) }
    void answerQuestion(answerers, message, report)
  })
}

/** The inputs of the case, once the candidate has answered them as its golden file says. */
async function checked(
  session: Session,
  { inputs, outputs }: GoldenCase,
  { tolerance, place }: { tolerance: Golden['tolerance']; place: string },
): Promise<Question> {
  const given = Object.entries(inputs).map(([name, tensor]) => fromContract(name, tensor))
  const request = fitRequest(session.signature, { inputs: given, outputs: Object.keys(outputs) })
  if (!request.ok) throw new Refused({ code: 'failed', message: `${place}: ${request.message}` })
  const run = await session.run(request.inputs, request.outputs)
  const wanted = Object.entries(outputs).map(([name, tensor]) => fromContract(name, tensor))
  const verdict = compareGolden(byName(wanted), byName(run.outputs), tolerance)
  if (!verdict.ok) throw new Refused({ code: 'wrong', message: `${place}: ${verdict.message}` })
  return { inputs: request.inputs, outputs: request.outputs }
}

type Batching = {
  cases: readonly GoldenCase[]
  questions: readonly Question[]
  tolerance: Golden['tolerance']
  batch: number
}

/**
 * Golden cases as one request. Each must get its own answer: a model that quantises a whole batch by one range answers
 * a row otherwise beside others.
 */
async function batched(session: Session, { cases, questions, tolerance, batch }: Batching): Promise<Question> {
  if (session.signature.inputs.some(({ shape }) => shape[0] !== -1))
    throw new Refused({ code: 'failed', message: 'the model takes no batches: a first size of its inputs is fixed' })
  const places = Array.from({ length: batch }, (_, at) => at % questions.length)
  const chosen = places.flatMap((place) => questions[place] ?? [])
  const [{ outputs } = { outputs: [] }] = chosen
  const inputs = joinInputs(chosen.map((each) => each.inputs))
  const run = await session.run(inputs, outputs)
  const parts = splitOutputs(
    run.outputs,
    chosen.map((each) => each.inputs[0]?.shape[0] ?? 1),
  )
  if (!parts)
    throw new Refused({ code: 'failed', message: 'the model takes no batches: an output has no row for each input' })
  for (const [at, place] of places.entries()) {
    const wanted = Object.entries(cases[place]?.outputs ?? {}).map(([name, tensor]) => fromContract(name, tensor))
    const verdict = compareGolden(byName(wanted), byName(parts[at] ?? []), tolerance)
    if (!verdict.ok) throw new Refused({ code: 'wrong', message: `in a batch of ${batch}: ${verdict.message}` })
  }
  return { inputs, outputs }
}

const byName = (tensors: readonly RawTensor[]): GoldenOutputs => new Map(tensors.map((each) => [each.name, each]))

type BatchTurn = Turn & { batch: number }

/** The times are those of each row. */
async function runTurn(session: Session, questions: readonly Question[], turn: BatchTurn): Promise<TurnAnswer> {
  const question = questions[turn.caseAt % questions.length]
  if (!question) return { ok: false, message: 'the golden file has no case' }
  const run = async () => (await session.run(question.inputs, question.outputs)).times.inferUs / 1_000
  const { batch } = turn
  try {
    // The first run finds the caches as the other candidates left them. It counts only if one run fills the turn.
    const first = await run()
    const runsMs = first >= turn.forMs ? [first / batch] : []
    for (let spentMs = first; spentMs < turn.forMs && runsMs.length < turn.runsMax; ) {
      const took = await run()
      runsMs.push(took / batch)
      spentMs += took
    }
    return { ok: true, runsMs, peakBytes: peakBytes() }
  } catch (error) {
    return { ok: false, message: messageOf(error) }
  }
}

/**
 * [proc_pid_status(5)] VmHWM is the peak of this program. The peak that getrusage gives begins with the memory of the
 * parent process.
 */
function peakBytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kilobytes !== undefined) return Number(kilobytes) * 1_024
  } catch {
    // Another system.
  }
  return process.resourceUsage().maxRSS * 1_024
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_MAX)

/** [contract, CandidateResult.problem] */
const MESSAGE_MAX = 1_000

open(workerData as CandidateOrder).catch((error: unknown) => {
  const problem = error instanceof Refused ? error.problem : { code: 'failed' as const, message: messageOf(error) }
  report({ kind: 'refused', problem: { ...problem, message: problem.message.slice(0, MESSAGE_MAX) } })
})
