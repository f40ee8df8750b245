/** Simulator process: the devices of "skerry simulate", in a process of their own, heard over a pipe. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { SimulationNews, type SimulationOrder, type SimulationTask } from '@skerry/contract/devices/simulation'
import { pathOf } from '../../program/app-process.ts'
import { fail } from '../../program/failure.ts'

/** 10,000 links close in a second or two; a simulator that does not end is ended. */
const END_MS = 30_000

/** Simulates until the signal fires; gives the last figures, or throws what went wrong. Hears of everything in between. */
export async function runSimulator(
  task: SimulationTask,
  onNews: (news: SimulationNews) => void,
  signal: AbortSignal,
): Promise<Extract<SimulationNews, { kind: 'ended' }>> {
  const child = fork(pathOf('@skerry/agent/simulator/simulator-main'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const order = (said: SimulationOrder) => void (child.connected && child.send(said))
  const exited = once(child, 'exit')
  let overdue: NodeJS.Timeout | undefined
  const stop = () => {
    order({ kind: 'stop' })
    overdue = setTimeout(() => child.kill('SIGKILL'), END_MS)
  }
  const { promise, resolve, reject } = Promise.withResolvers<Extract<SimulationNews, { kind: 'ended' }>>()
  child.on('message', (message) => {
    const news = SimulationNews.parse(message)
    onNews(news)
    if (news.kind === 'ready') order({ kind: 'run', task })
    if (news.kind === 'ended') resolve(news)
    if (news.kind === 'failed') reject(fail('simulation_failed', `${news.message} (${news.code})`))
  })
  exited.then(() => reject(fail('simulation_failed', 'the simulator ended by itself')), reject)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
    if (child.connected) child.disconnect()
    await exited
    clearTimeout(overdue)
  }
}
