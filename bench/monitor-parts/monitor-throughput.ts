/**
 * Throughput: the processor's time of a request in the runner of one device, with and without a monitor, in turn. Requests a
 * second follow from it, and other load on the machine has no part in it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentProgram, HubProgram } from '../../examples/stage/fleet.ts'
import { until } from '../../examples/stage/wait.ts'
import { median } from '../serve-parts/serve-latency.ts'
import { cpuMs } from '../usage/process-use.ts'
import { askFor, askTimes, deployNext, MODEL, ROWS } from './monitor-model.ts'

/** An odd number, so that the median is a measured value. */
const PAIRS = 9

/** Some seconds of processor: the kernel counts in hundredths of one. */
const REQUESTS = 2_000

const WARM_MS = 3_000

/** A first request counts in some 40 µs, and one of compiled code in 3 µs. The requests after a switch are left out. */
const WARM_REQUESTS = 1_000

/** The monitors that the device has taken, on its disk: its runner gets them in the same moment. */
async function counts(folder: string, isWanted: boolean): Promise<void> {
  const path = join(folder, 'monitors.json')
  const isSo = async () => {
    const text = await readFile(path, 'utf8').catch(() => '')
    return text.includes(`"model":"${MODEL}"`) === isWanted || undefined
  }
  await until(isWanted ? 'the device to count' : 'the device to count no more', isSo, new AbortController().signal)
}

/** Deploys the model first. `folder`: the data of the agent. */
export async function throughputRatio(hub: HubProgram, agent: AgentProgram, folder: string) {
  const { client } = hub
  await deployNext(hub, 1)
  await askFor(agent, WARM_MS)
  const { runnerPid } = await agent.waitFor('runner_ready')
  const measure = async () => {
    await askTimes(agent, WARM_REQUESTS)
    const before = await cpuMs(Number(runnerPid))
    await askTimes(agent, REQUESTS)
    return (((await cpuMs(Number(runnerPid))) - before) * 1_000) / REQUESTS
  }
  const micros: Record<'bare' | 'monitored', number[]> = { bare: [], monitored: [] }
  const ratios: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const bare = await measure()
    await client.monitor.set({ name: MODEL, spec: {} })
    await counts(folder, true)
    const monitored = await measure()
    await client.monitor.remove({ name: MODEL })
    await counts(folder, false)
    micros.bare.push(bare)
    micros.monitored.push(monitored)
    ratios.push(bare / monitored)
  }
  return {
    rowsPerRequest: ROWS,
    cpuMicrosPerRequest: { bare: median(micros.bare), monitored: median(micros.monitored) },
    throughputRatio: median(ratios),
    throughputRatios: { least: Math.min(...ratios), most: Math.max(...ratios) },
  }
}
