/** Fake commands: a device that answers at once, over a link that is none. */

import type { LogLevel, LogLine } from '@skerry/contract/devices/log-line'
import type { InferAnswer, InferQuestion } from '@skerry/contract/models/infer'
import { Name } from '@skerry/contract/values/names'
import { ANOMALY, GATEWAY, NOW_MS } from './fake-data.ts'
import { type FakeState, refusal } from './fake-state.ts'

const LINES: LogLine[] = [
  {
    atMs: NOW_MS - 65_000,
    level: 'info',
    program: 'agent',
    event: 'agent_started',
    fields: { pid: 7, data: '/var/lib/x' },
  },
  {
    atMs: NOW_MS - 4_000,
    level: 'warn',
    program: 'agent',
    event: 'condition_raised',
    fields: { pid: 7, code: 'clock_wrong', message: 'the clock is 3 days behind' },
  },
]

/** Its two lines, of the level that was asked for. */
export const logsOf = ({ level }: { level: LogLevel; limit: number }) => {
  const lines = LINES.filter((line) => level === 'debug' || line.level === level)
  return { device: GATEWAY.name, atMs: NOW_MS, lines, omittedCount: 3 }
}

const bytes = (...values: number[]) => Buffer.from(new Float32Array(values).buffer).toString('base64')

/** Notes what was asked. Scores the first case well, and the second with no number at all. */
export function inferring({ calls }: FakeState, input: InferQuestion & { device: string; model: string }): InferAnswer {
  const { device, model, version, inputs, outputsAs, timeoutMs } = input
  calls.push(JSON.stringify({ device, model, version, inputs, outputsAs, timeoutMs }))
  if (version !== undefined && version > ANOMALY.version) throw refusal('model_unserved')
  const score = { name: 'score', datatype: 'FP32' as const, shape: [2, 1], data: bytes(0.5, Number.NaN) }
  return {
    device: GATEWAY.name,
    model: Name.parse(model),
    version: 1,
    outputs: [score],
    runnerUs: 830,
    totalUs: 14_200,
  }
}
