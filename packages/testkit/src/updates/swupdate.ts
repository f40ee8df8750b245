/** SWUpdate: the real updater of Debian as a device, whose image is a file in a folder of the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const PROGRAM = '/usr/bin/swupdate'

export const hasSwupdate = existsSync(PROGRAM)

export type SwupdateOptions = {
  /** The folder of the device: its settings, its log and its installed image. */
  folder: string
  /** The address of the DDI port. */
  url: string
  tenant: string
  controllerId: string
  token: string
  /** The certificate that images must be signed by. */
  certificatePath: string
  /** The authority of the hub, in PEM. */
  authorityPath: string
  hardware: string
  /** The start after an installation: the device reports to the hub whether the new image works. */
  confirm?: 'good' | 'bad'
  more?: readonly string[]
}

export type Swupdate = AsyncDisposable & { stop(): Promise<void>; logPath: string }

/** [SWUpdate, suricatta] 2: the new image works. 3: it does not. */
const CONFIRMATIONS = { good: '2', bad: '3' } as const

export async function startSwupdate(options: SwupdateOptions): Promise<Swupdate> {
  const { folder, url, tenant, controllerId, token, certificatePath, authorityPath, hardware, confirm } = options
  const work = join(folder, 'work')
  await mkdir(work, { recursive: true })
  const settings = join(folder, 'swupdate.cfg')
  await writeFile(settings, `globals: { };\nsuricatta: { cafile = "${authorityPath}"; };\n`)
  const confirmed = confirm === undefined ? [] : ['-c', CONFIRMATIONS[confirm]]
  const device = [
    '-S',
    'hawkbit',
    '-t',
    tenant,
    '-u',
    url,
    '-i',
    controllerId,
    '-k',
    token,
    '-p',
    '1',
    '-r',
    '3',
    '-w',
    '1',
  ]
  const suricatta = [...device, '--identify', 'serial', `sn-${controllerId}`, ...confirmed, ...(options.more ?? [])]
  const logPath = join(folder, 'swupdate.log')
  const log = openSync(logPath, 'a')
  const child = spawn(
    PROGRAM,
    ['-f', settings, '-H', hardware, '-k', certificatePath, '-l', '5', '-M', '-u', suricatta.join(' ')],
    { cwd: folder, detached: true, stdio: ['ignore', log, log], env: { ...process.env, TMPDIR: work } },
  )
  const stop = () => end(child)
  return { stop, logPath, [Symbol.asyncDispose]: stop }
}

/** The program has children, so its process group ends. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await exited
}
