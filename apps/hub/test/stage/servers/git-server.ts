/** Git server: real `git`, with a bare repository that `git http-backend` serves behind a token, and signed commits. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** With `gpgHome` the file is the name of a key of OpenPGP in that keyring. */
type Signing = { keyFile: string; publicKey: string; gpgHome?: string }

export type GitServer = AsyncDisposable & {
  /** The folder of the bare repository. */
  root: string
  url: string
  port: number
  /** Runs git in the working copy, and returns its output. */
  git(...args: string[]): Promise<string>
  /** Writes files, commits and pushes them. Returns the hash. */
  commit(files: Readonly<Record<string, string>>, signing?: Signing): Promise<string>
  key(name: string): Promise<Signing>
  pgpKey(name: string): Promise<Signing>
}

/** Requests with this token are served; all others get 401. */
export async function openGitServer(token: string): Promise<GitServer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-git-'))
  const root = join(folder, 'served')
  const work = join(folder, 'work')
  const homes: string[] = []
  const env = { ...process.env, HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const run = async (...args: string[]) =>
    (await execute('git', ['-c', 'user.name=Olga', '-c', 'user.email=olga@plant.example', ...args], { cwd: work, env }))
      .stdout
  await mkdir(work, { recursive: true })
  await run('init', '--bare', '--quiet', '-b', 'main', join(root, 'fleet.git'))
  await run('init', '--quiet', '-b', 'main', '.')
  await run('remote', 'add', 'origin', join(root, 'fleet.git'))
  const server = createServer((request, response) => serve({ root, token, request, response }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    root,
    port,
    url: `http://127.0.0.1:${port}/fleet.git`,
    git: run,
    async commit(files, signing) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(work, path)), { recursive: true })
        await writeFile(join(work, path), text)
      }
      await run('add', '--all')
      const format = signing?.gpgHome === undefined ? 'ssh' : 'openpgp'
      const signed = signing ? ['-c', `gpg.format=${format}`, '-c', `user.signingkey=${signing.keyFile}`] : []
      if (signing?.gpgHome !== undefined) Object.assign(env, { GNUPGHOME: signing.gpgHome })
      await run(...signed, 'commit', '--quiet', '--allow-empty', '-m', 'change the fleet', ...(signing ? ['-S'] : []))
      await run('push', '--quiet', '--force', 'origin', 'main')
      return (await run('rev-parse', 'HEAD')).trim()
    },
    async key(name) {
      const keyFile = join(folder, name)
      await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', keyFile])
      return { keyFile, publicKey: (await readFile(`${keyFile}.pub`, 'utf8')).trim() }
    },
    async pgpKey(name) {
      const gpgHome = join(folder, `gnupg-${name}`)
      await mkdir(gpgHome, { mode: 0o700 })
      homes.push(gpgHome)
      const gpg = (...words: string[]) => execute('gpg', ['--homedir', gpgHome, '--batch', '--quiet', ...words])
      const mail = `${name}@plant.example`
      await gpg('--passphrase', '', '--quick-generate-key', mail, 'ed25519', 'sign', 'never')
      return { keyFile: mail, publicKey: (await gpg('--armor', '--export', mail)).stdout, gpgHome }
    },
    async [Symbol.asyncDispose]() {
      for (const home of homes) await execute('gpgconf', ['--homedir', home, '--kill', 'all'])
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Serving = { root: string; token: string; request: IncomingMessage; response: ServerResponse }

/** [RFC 3875] The program answers with headers, an empty line, and the body. */
function serve({ root, token, request, response }: Serving): void {
  const basic = Buffer.from(`git:${token}`).toString('base64')
  if (request.headers.authorization !== `Basic ${basic}`) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    return
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const program = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      PATH_INFO: pathname,
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(program.stdin)
  const chunks: Buffer[] = []
  program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  program.on('close', () => {
    const output = Buffer.concat(chunks)
    const end = output.indexOf('\r\n\r\n')
    const headers = output.toString('latin1', 0, end).split('\r\n')
    const status = headers.find((line) => line.startsWith('Status: '))
    response.statusCode = Number(status?.slice(8, 11) ?? 200)
    for (const line of headers.filter((each) => each !== status)) {
      const colon = line.indexOf(': ')
      if (colon > 0) response.setHeader(line.slice(0, colon), line.slice(colon + 2))
    }
    response.end(output.subarray(end + 4))
  })
}
