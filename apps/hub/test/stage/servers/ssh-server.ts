/** SSH server: real `sshd` on this machine, for the present user, with one key of a client. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'

const execute = promisify(execFile)

export type SshServer = AsyncDisposable & {
  port: number
  user: string
  /** The public key of the server. */
  hostKey: string
  /** The key that the server admits. */
  privateKey: string
}

/** It ends when it is disposed of. */
export async function openSshServer(): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-sshd-'))
  const key = async (name: string) => {
    const path = join(folder, name)
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path])
    return { path, public: (await readFile(`${path}.pub`, 'utf8')).trim() }
  }
  const [host, client] = [await key('host'), await key('client')]
  const port = await freePort()
  const authorised = join(folder, 'authorised')
  await writeFile(authorised, `${client.public}\n`, { mode: 0o600 })
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${host.path}`,
    `AuthorizedKeysFile ${authorised}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
  ]
  const config = join(folder, 'config')
  await writeFile(config, `${settings.join('\n')}\n`)
  // As root it wants the folder that a package of the system makes at each start.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8')
  })
  await until(async () => log.includes('Server listening'), { what: 'sshd listens' })
  return {
    port,
    user: userInfo().username,
    hostKey: host.public,
    privateKey: await readFile(client.path, 'utf8'),
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'exit')
      server.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
