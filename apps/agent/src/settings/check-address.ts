/** Check address: whether a TCP connection to an address can be made, and how long it takes. */
import { connect } from 'node:net'
import type { CheckResult } from '@skerry/contract/settings/device-settings'
import { systemCode } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'

/** Longer than a lost packet is repeated a few times. */
const CHECK_MS = 5_000

const TARGET = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]+)):(?<port>[0-9]+)$/

/** Connects, and closes at once: nothing is sent. Rejects only by the signal. */
export async function checkAddress(
  target: string,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { six, host = six, port } = TARGET.exec(target)?.groups ?? {}
  const atMs = Math.floor(clock.nowMs())
  if (host === undefined || Number(port) > 65_535) return { target, atMs, problem: 'no such port' }
  const startMs = clock.monotonicMs()
  const socket = connect({ host, port: Number(port) })
  const settled = Promise.withResolvers<string | undefined>()
  const stop = () => settled.resolve('stopped')
  const timer = setTimeout(() => settled.resolve(`no answer within ${CHECK_MS / 1_000} s`), CHECK_MS)
  signal.addEventListener('abort', stop, { once: true })
  socket.once('connect', () => settled.resolve(undefined))
  socket.once('error', (error) => settled.resolve(systemCode(error) ?? error.message))
  const problem = await settled.promise
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  socket.destroy()
  signal.throwIfAborted()
  const milliseconds = Math.round((clock.monotonicMs() - startMs) * 10) / 10
  return { target, atMs, ...(problem === undefined ? { milliseconds } : { problem: problem.slice(0, 300) }) }
}
