/** Host settings: host name, time zone and time servers, through the services of systemd. */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { RunProgram } from './run-program.ts'

/** [hostnamectl(1)] The service also writes /etc/hostname. */
export async function setHostName(run: RunProgram, name: string): Promise<void> {
  if (hostname() !== name) await run('hostnamectl', ['set-hostname', '--', name])
}

/** [timedatectl(1)] The service knows which zones the machine has. */
export async function setTimeZone(run: RunProgram, zone: string): Promise<void> {
  const now = (await run('timedatectl', ['show', '--property=Timezone', '--value'])).trim()
  if (now !== zone) await run('timedatectl', ['set-timezone', '--', zone])
}

export type TimeServerPlace = { fileSystem: FileSystem; folder: string }

/** [timesyncd.conf(5)] A file of its own here wins over the file of the distribution, and can be removed again. */
export const TIMESYNC_FOLDER = '/etc/systemd/timesyncd.conf.d'
const FILE = '60-skerry.conf'

/** Without servers, those of the distribution count again. */
export async function setTimeServers(
  run: RunProgram,
  servers: readonly string[] | undefined,
  { fileSystem, folder }: TimeServerPlace,
): Promise<void> {
  const path = join(folder, FILE)
  const before = await readFile(path, 'utf8').catch(() => undefined)
  const text = servers && `# Written by the Skerry agent.\n[Time]\nNTP=${servers.join(' ')}\n`
  if (before === text) return
  if (text === undefined) await rm(path, { force: true })
  else {
    await mkdir(folder, { recursive: true })
    await writeAtomic(fileSystem, path, text)
  }
  await run('systemctl', ['try-restart', 'systemd-timesyncd.service'])
}
