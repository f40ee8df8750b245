/** Rauc: the calls of RAUC, and the place of the updater on the device. */
import { join } from 'node:path'
import type { WantedImage } from '@skerry/core/os/slot-step'
import { readBootId } from '../../../updates/update-locks.ts'
import type { DriverAnswer } from '../../driver.ts'
import type { DriverDeps } from '../../runner-driver.ts'
import { type Ran, restartMachine, runTool } from '../run-tool.ts'

export type RaucDeps = Pick<DriverDeps, 'folder' | 'fileSystem' | 'log' | 'osAccess'> & {
  environment?: NodeJS.ProcessEnv
  /** The configuration of RAUC, if it is not the one of the system. */
  configuration?: string
  bootId?: () => Promise<string>
  restart?: () => Promise<void>
}

export type Rauc = Required<Omit<RaucDeps, 'configuration'>> & {
  rauc(words: readonly string[], signal: AbortSignal): Promise<Ran>
  trialPath: string
  marksPath: string
  /** The prepared versions, by digest. */
  images: Map<string, WantedImage>
}

export const DONE: DriverAnswer = { ok: true }

/** The service of RAUC that starts, or the installation of another program, ends within minutes. */
export const AGAIN_MS = 60_000

const PASSING = /already processing|Failed to connect|D-Bus|GDBus|timeout/i

/** The variables that say where the bus of the system is. */
const PASSED = ['PATH', 'DBUS_SYSTEM_BUS_ADDRESS', 'DBUS_SESSION_BUS_ADDRESS', 'DBUS_STARTER_BUS_TYPE']

export function openRauc({ configuration, ...deps }: RaucDeps): Rauc {
  const environment = deps.environment ?? process.env
  const env = { ...Object.fromEntries(PASSED.map((name) => [name, environment[name]])), LC_ALL: 'C' }
  const before = configuration === undefined ? [] : ['-c', configuration]
  return {
    ...deps,
    environment,
    osAccess: deps.osAccess ?? [],
    bootId: deps.bootId ?? (() => readBootId(deps.fileSystem)),
    restart: deps.restart ?? restartMachine,
    rauc: (words, signal) => runTool({ program: 'rauc', words: [...before, ...words], env }, signal),
    trialPath: join(deps.folder, 'rauc-trial.json'),
    marksPath: join(deps.folder, 'rauc-marks.json'),
    images: new Map(),
  }
}

export type Refused = Extract<DriverAnswer, { ok: false }>

export function failureOf(code: string, { text, isStopped }: Ran & { ok: false }): Refused {
  if (isStopped) return { ok: false, code: 'runner_gone', message: 'the agent ends' }
  const message = text.split('\n').slice(-3).join(' ').slice(0, 500)
  return { ok: false, code, message, ...(PASSING.test(text) && { waitMs: AGAIN_MS }) }
}

export const refuse = (code: string, message: string): Refused => ({ ok: false, code, message })

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
