/**
 * sealing: the cost of encrypting models on a device: two agents of one hub, one of which encrypts, in turn. The ratios
 * count.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@skerry/testkit/free-port'
import { newHubHome, startAgent, startHub } from '../examples/stage/fleet.ts'
import { startProgram } from '../examples/stage/program.ts'
import { answeringVersion, deploy, largeModel } from './deploy.ts'
import { median } from './serve-parts/serve-latency.ts'
import { cpuMs, rssMb } from './usage/process-use.ts'

/** An odd number, so that the median is a measured value. */
const RUNS = 11

const KINDS = ['plain', 'sealed'] as const
type Kind = (typeof KINDS)[number]

const OPTIONS = { plain: [], sealed: ['--encrypt-models', 'on'] }

type Samples = Record<Kind, number[]>

/** Runs the benchmark; takes two minutes. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-sealing-'))
  try {
    await using hub = await startHub(await newHubHome(folder))
    const site = { name: 'bench', kind: 'edge' as const }
    const deployMs: Samples = { plain: [], sealed: [] }
    {
      await using plain = await startAgent(hub, { site, device: 'plain', folder, options: OPTIONS.plain })
      await using sealed = await startAgent(hub, { site, device: 'sealed', folder, options: OPTIONS.sealed })
      const agents = { plain, sealed }
      // The first run pays for loading modules, and is thrown away.
      for (let count = 0; count <= RUNS; count++) {
        for (const kind of KINDS) {
          const target = { deployable: kind, selector: `device.name == "${kind}"` }
          const ms = await deploy(hub, agents[kind], largeModel(count), target)
          if (count > 0) deployMs[kind].push(ms)
        }
      }
    }
    return { benchmark: 'sealing', runs: RUNS, ...compare('deployMs', deployMs), ...(await measureStarts(folder)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureStarts(folder: string): Promise<object> {
  const startMs: Samples = { plain: [], sealed: [] }
  const cpu: Samples = { plain: [], sealed: [] }
  const rss: Samples = { plain: [], sealed: [] }
  for (let count = 0; count < RUNS; count++) {
    for (const kind of KINDS) {
      const port = await freePort()
      const args = ['--data', join(folder, kind), '--listen', `127.0.0.1:${port}`, '--grpc', '127.0.0.1:0']
      const startedMs = performance.now()
      const entry = 'apps/agent/src/main.ts'
      await using program = startProgram({ name: 'agent', entry, args, logFolder: folder })
      await untilServing(`http://127.0.0.1:${port}`, kind)
      startMs[kind].push(performance.now() - startedMs)
      const runnerPid = Number((await program.waitFor('runner_ready')).runnerPid)
      cpu[kind].push(await cpuMs(runnerPid))
      rss[kind].push(await rssMb(runnerPid))
    }
  }
  return {
    ...compare('startToServingMs', startMs),
    ...compare('runnerStartCpuMs', cpu),
    ...compare('runnerRssMb', rss),
  }
}

async function untilServing(restUrl: string, model: string): Promise<void> {
  while ((await answeringVersion({ restUrl }, model).catch(() => undefined)) === undefined) await sleep(5)
}

function compare(name: string, { plain, sealed }: Samples) {
  const one = median(plain)
  const other = median(sealed)
  return { [name]: { plain: Math.round(one), sealed: Math.round(other), ratio: Math.round((100 * other) / one) / 100 } }
}
