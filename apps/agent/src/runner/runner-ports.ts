/** Runner ports: the two ports of a runner, which it may take over from the runner of an earlier agent. */
import type { Cause } from '@skerry/contract/devices/item'
import type { PortUse } from '@skerry/inference/rest/listen'
import type { OipServer } from '@skerry/inference/rest/rest-server'
import { systemCode } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Address } from '../options.ts'
import { isAlive, type RunnerId, yieldPlace } from './handover/predecessor.ts'
import { createTakeOver } from './handover/take-over.ts'
import type { RunnerOrder, RunnerTask } from './runner-message.ts'

/** In milliseconds. The previous runner may hold the port for its last two seconds. */
const BIND_WAIT_MS = 100
const BIND_TRIES_MAX = 100

type Bind = {
  address: Address
  use: PortUse
  /** Called with the reason if the port cannot be had. */
  refuse(cause: Cause): Promise<never>
}

async function bindPort(
  start: (port: number, use: PortUse) => Promise<OipServer>,
  { address, use, refuse }: Bind,
  signal: AbortSignal,
): Promise<OipServer> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(address.port, use)
    } catch (error) {
      const code = systemCode(error)
      if (code === 'EACCES' || code === 'EADDRNOTAVAIL') return refuse(addressRefused(address, code))
      if (!isTaken(error)) throw error
      if (tries === BIND_TRIES_MAX) return refuse(portInUse(address))
      await systemClock.sleep(BIND_WAIT_MS, signal)
    }
  }
}

const portInUse = ({ host, port }: Address): Cause => ({
  code: 'port_in_use',
  message: `another program listens on ${host}:${port}; stop it, or give this agent free ports, such as --listen 127.0.0.1:8510 --grpc 127.0.0.1:8511`,
})

const addressRefused = ({ host, port }: Address, why: string): Cause => ({
  code: 'address_refused',
  message: `the agent may not listen on ${host}:${port} (${why}); give it other addresses (--listen, --grpc), or the permission`,
})

const isTaken = (error: unknown) =>
  systemCode(error) === 'EADDRINUSE' || (error instanceof Error && error.message.includes('EADDRINUSE'))

type Start = (port: number, use: PortUse) => Promise<OipServer>

export type RunnerPorts = {
  /** Clients use these addresses. They name the predecessor as long as it serves. */
  places: { rest: Address; grpc: Address }
  /** Called with each order that the runner carried out. */
  obeyed(order: RunnerOrder): void
  close(graceMs: number): Promise<void>
  /** Leaves the ports to a successor. */
  drain(drainMs: number): Promise<void>
}

export type PortsWish = {
  task: RunnerTask
  starts: { rest: Start; grpc: Start }
  refuse: Bind['refuse']
  log: Pick<Log, 'info'>
}

/** Opens both ports, or plans to do so once this runner has the models that its predecessor serves. */
export async function openRunnerPorts(
  { task, starts, refuse, log }: PortsWish,
  signal: AbortSignal,
): Promise<RunnerPorts> {
  const { rest, grpc, predecessor, expected } = task
  const takeOver = createTakeOver(expected, systemClock)
  const open = async (use: PortUse) => [
    await bindPort(starts.rest, { address: rest, use, refuse }, signal),
    await bindPort(starts.grpc, { address: grpc, use, refuse }, signal),
  ]
  let servers = predecessor ? [] : await open('offered')
  if (predecessor) void inTurn(predecessor)
  const [{ port: restPort } = rest, { port: grpcPort } = grpc] = servers
  return {
    places: { rest: { ...rest, port: restPort }, grpc: { ...grpc, port: grpcPort } },
    obeyed: takeOver.obeyed,
    close: async (graceMs) => void (await Promise.all(servers.map((server) => server.close(graceMs)))),
    drain: async (drainMs) => void (await Promise.all(servers.map((server) => server.drain(drainMs)))),
  }

  async function inTurn(runner: RunnerId): Promise<void> {
    try {
      await takeOver.turn(() => isAlive(runner), signal)
      servers = await open('joined')
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    yieldPlace(runner)
    log.info('runner_took_over', { from: runner.pid })
  }
}
