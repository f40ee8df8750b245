/**
 * Open gateway: keeps the gateway of a device running, if its operator wants one. It begins when the device has joined a hub
 * and its inference server listens, and begins again after a crash, with another key, or with another identity.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { readIfPresent } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { Identity } from '../joining/identity.ts'
import type { Address } from '../options.ts'
import type { GatewaySwitches } from './gateway-options.ts'
import type { GatewayTask } from './gateway-task.ts'

export type GatewayDeps = {
  data: string
  version: string
  fileSystem: FileSystem
  clock: Clock
  log: Log
  conditions: Conditions
  identity(): Identity | undefined
  runner: { endpoints(): { rest?: Address } }
}

export type DeviceGateway = { run(signal: AbortSignal): Promise<void> }

/** A new key, or the first report of the inference server, counts within this time. */
const LOOK_MS = 2_000

/** After a crash. Callers try another gateway meanwhile. */
const AGAIN_MS = 1_000

/** Answers on their way may end. The gateway itself gives them eight seconds. */
const STOP_MS = 10_000

/** The code of the condition, when the gateway does not run. */
const UNAVAILABLE = 'gateway_unavailable'

/** Nothing runs before `run`. */
export function openGateway(switches: GatewaySwitches | undefined, deps: GatewayDeps): DeviceGateway {
  return {
    async run(signal) {
      if (!switches) return
      while (!signal.aborted) {
        const task = await taskOf(switches, deps)
        if (typeof task !== 'string') await serve(task, { switches, deps }, signal)
        else if (deps.identity()) deps.conditions.raise({ code: UNAVAILABLE, message: task })
        await deps.clock.sleep(typeof task === 'string' ? LOOK_MS : AGAIN_MS, signal).catch(() => undefined)
      }
    },
  }
}

type Ground = { switches: GatewaySwitches; deps: GatewayDeps }

/** The order for the process, or the reason why there is none yet. */
async function taskOf(switches: GatewaySwitches, deps: GatewayDeps): Promise<GatewayTask | string> {
  const { keyFile, ...rest } = switches
  const known = deps.identity()
  const { rest: inference } = deps.runner.endpoints()
  if (!known) return 'the gateway waits until the device has joined a hub'
  if (!inference) return 'the gateway waits for the inference server of this device'
  const bytes = await readIfPresent(deps.fileSystem, keyFile).catch(() => undefined)
  const key = bytes && Buffer.from(bytes).toString('utf8').trim()
  if (!key) return `the gateway needs the API key in ${keyFile}, which is missing or empty`
  const { name, deviceId: device, hub, ca } = known
  const folder = join(deps.data, 'gateway')
  return { ...rest, name, device, origin: originOf(inference), hub, ca, key, folder, version: deps.version }
}

/** A server on all addresses is reached on loopback. */
function originOf({ host, port }: Address): string {
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${near.includes(':') ? `[${near}]` : near}:${port}`
}

/** Until the process ends, the task changes, or the signal fires. */
async function serve(task: GatewayTask, { switches, deps }: Ground, signal: AbortSignal): Promise<void> {
  const { clock, conditions, log } = deps
  const child = startChild(task)
  const over = new AbortController()
  const ended = endOf(child).then((how) => {
    over.abort()
    return how
  })
  const stopped = AbortSignal.any([signal, over.signal])
  const text = JSON.stringify(task)
  let isChanged = false
  while (!stopped.aborted && !isChanged) {
    await clock.sleep(LOOK_MS, stopped).catch(() => undefined)
    const next = stopped.aborted ? task : await taskOf(switches, deps)
    // A key that is gone for a moment is being replaced; a runner that restarts has no address.
    isChanged = typeof next !== 'string' && JSON.stringify(next) !== text
    if (!over.signal.aborted) conditions.clear(UNAVAILABLE)
  }
  if (over.signal.aborted && !signal.aborted) {
    const how = await ended
    conditions.raise({
      code: UNAVAILABLE,
      message: `the gateway of the device ended (${how}); the log of the agent says why`,
    })
    log.warn('gateway_ended', { how })
    return
  }
  child.kill('SIGTERM')
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(limit)
}

/** The key goes through the channel, so that it stands in no list of processes. */
function startChild(task: GatewayTask): ChildProcess {
  const script = new URL(`./gateway-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const { MALLOC_ARENA_MAX: _, ...env } = process.env
  const child = fork(script, [], { execArgv: [], env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  // A process that could not start has an event of its own.
  child.send(JSON.stringify(task), () => undefined)
  return child
}

const endOf = (child: ChildProcess) =>
  new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
  })
