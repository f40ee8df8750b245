/** Replay worker: replays one recording. A step that never ends keeps this thread only. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import { createAsking } from '@skerry/platform/process/asking'
import { systemClock } from '@skerry/platform/process/clock'
import { inferBy, MODELS_ASKED_MAX, type ModelQuestions } from '../host/infer-way.ts'
import { replayFlow } from './replay.ts'
import type { FromReplay, ReplayOrder, ToReplay } from './replay-message.ts'

const port = parentPort
if (!port) throw new Error('this is started as a thread')
const say = (message: FromReplay) => port.postMessage(message)

// Whoever started the thread has parsed the flow, and knows who wrote the recording.
const { flow, facts, recording } = workerData as ReplayOrder
const asking = createAsking<ModelQuestions>({ inFlightMax: MODELS_ASKED_MAX, send: say })
port.on('message', (answer: ToReplay) => asking.answered(answer))

const samples = Buffer.from(recording)
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): FlowSample => JSON.parse(line))

const never = new AbortController()
const infer = inferBy((question, signal) => asking.ask('infer', question, { signal }))
const deps = { infer, facts, monotonicMs: () => systemClock.monotonicMs() }
const { outputs } = await replayFlow(flow, samples, deps, never.signal)
say({ kind: 'done', outputs })
port.close()
