/** Git repository: the hub's bare copy of a followed repository: its newest commit, signature, and files. */
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { rootCertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import type { ManifestFile } from '@skerry/client/manifests/apply-manifests'
import {
  GIT_PACK_BYTES_MAX,
  type GitCommit,
  type GitProblemCode,
  type GitSourceSpec,
} from '@skerry/contract/git-sources/git-source'
import { judgeTree, parseTree, type TreeEntry } from '@skerry/core/git-sources/judge-tree'
import type { Hub } from '../hub.ts'
import { hostOf, portOf } from '../webhooks/webhook-address.ts'
import type { Way } from '../webhooks/webhooks.ts'
import { type GitResult, type GitRun, runGit } from './git-program.ts'
import { openSsh, sshProblem } from './git-ssh.ts'

/** Thrown with the source's problem, and caught where a synchronisation ends. */
export class GitProblem extends Error {
  readonly code: GitProblemCode

  constructor(code: GitProblemCode, message: string) {
    super(message)
    this.code = code
  }
}

export type Followed = { id: string; spec: GitSourceSpec; token: string | undefined }

/** 64 MiB at 4 Mbit/s, which is slow for a hub. */
const FETCH_MS_MAX = 120_000

/** So many commits of history are enough to recognise the applied one between two looks. */
const DEPTH = 100

const REF = 'refs/heads/source'

/** The hub's copy of the repository of a source. */
export const folderOf = ({ config }: Pick<Hub, 'config'>, id: string) => join(config.git.folder, id)

/** Removes the hub's copy of the repository. */
export const forgetRepository = (hub: Pick<Hub, 'config'>, id: string): Promise<void> =>
  rm(folderOf(hub, id), { recursive: true, force: true })

/** Fetches the branch, and returns its newest commit. Throws `GitProblem`. */
export async function fetchHead(hub: Hub, followed: Followed, signal: AbortSignal): Promise<GitCommit> {
  const folder = await openFolder(hub, followed.id, signal)
  const { url, branch } = followed.spec
  const access = await accessOf(hub, followed, signal)
  const { address, ...usable } = access
  await using ssh =
    address === undefined
      ? undefined
      : await openSsh(folder, { spec: followed.spec, privateKey: followed.token ?? '', address })
  const refspec = `+refs/heads/${branch}:${REF}`
  const options = [`--depth=${DEPTH}`, '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--quiet']
  const args = ['fetch', ...options, '--', address === undefined ? url : withUser(followed.spec), refspec]
  const fetched = await runGit(
    { folder, args, timeoutMs: FETCH_MS_MAX, ...usable, ...(ssh && { environment: ssh.environment }) },
    signal,
  )
  if (!fetched.ok) {
    // Half a pack may be left.
    if (fetched.reason !== 'failed') await forgetRepository(hub, followed.id)
    throw fetchProblem(fetched, followed)
  }
  return commitOf(folder, signal)
}

const withUser = ({ url, user }: GitSourceSpec) => url.replace('ssh://', `ssh://${user}@`)

/** A bare repository without the templates of the machine, which could hold hooks. */
async function openFolder(hub: Hub, id: string, signal: AbortSignal): Promise<string> {
  const folder = folderOf(hub, id)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const size = await runGit({ folder, args: ['count-objects', '-v'] }, signal)
  const kilobytes = size.ok ? Number(/^size-pack: (\d+)$/m.exec(size.output.toString())?.[1] ?? 0) : 0
  // Each fetch adds a pack. A fresh copy is cheaper than repacking.
  if (!size.ok || kilobytes * 1024 > GIT_PACK_BYTES_MAX) {
    await forgetRepository(hub, id)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await need({ folder, args: ['init', '--bare', '--quiet', '--template='] }, signal)
  }
  return folder
}

type Access = Pick<GitRun, 'protocol' | 'settings'> & {
  /** The checked address of a server of SSH. */
  address?: string
}

/** The right to use the address, and the settings for it. Throws `GitProblem` if the hub may not connect there. */
export async function accessOf(
  hub: Pick<Hub, 'config' | 'webhooks'>,
  { spec, token }: Pick<Followed, 'spec' | 'token'>,
  signal: AbortSignal,
): Promise<Access> {
  const url = new URL(spec.url)
  if (url.protocol === 'file:') {
    await requireInRoot(hub, url)
    return { protocol: 'file' }
  }
  const way = await hub.webhooks.wayTo(url, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new GitProblem('git_refused', `the hub does not connect to the repository: ${textOf(error)}`)
  })
  if (url.protocol === 'ssh:') return { protocol: 'ssh', address: addressIn(way) }
  const basic = Buffer.from(`${spec.user}:${token ?? ''}`).toString('base64')
  return {
    protocol: url.protocol.slice(0, -1),
    settings: {
      // The name was looked up once and checked. A second lookup might return another machine.
      ...(way.kind === 'direct'
        ? { 'http.curloptResolve': `${hostOf(url)}:${portOf(url)}:${way.address.address}` }
        : { 'http.proxy': way.proxy }),
      ...(hub.config.git.ca !== undefined && { 'http.sslCAInfo': await authorityFile(hub, hub.config.git.ca) }),
      ...(token !== undefined && { 'http.extraHeader': `Authorization: Basic ${basic}` }),
    },
  }
}

/** Only https goes through a proxy. */
function addressIn(way: Way): string {
  if (way.kind === 'direct') return way.address.address
  throw new GitProblem('git_refused', 'no proxy takes connections of SSH; use https')
}

async function requireInRoot({ config }: Pick<Hub, 'config'>, url: URL): Promise<void> {
  const { root } = config.git
  if (root === undefined)
    throw new GitProblem('git_refused', 'the hub follows no local repositories; start it with --git-root DIR')
  const path = fileURLToPath(url)
  const real = await realpath(path).catch(() => undefined)
  const allowed = await realpath(root).catch(() => root)
  if (real === undefined || !real.startsWith(allowed + sep))
    throw new GitProblem('git_refused', `${path} is no repository in the folder of --git-root`)
}

/** [curl, CAfile] The file replaces the usual authorities, so it has them too. */
async function authorityFile({ config }: Pick<Hub, 'config'>, ca: string): Promise<string> {
  await mkdir(config.git.folder, { recursive: true, mode: 0o700 })
  const path = join(config.git.folder, 'authorities.pem')
  await writeFile(path, [...rootCertificates, ca].join('\n'))
  return path
}

function fetchProblem(failed: Extract<GitResult, { ok: false }>, { spec, token }: Followed): GitProblem {
  const { reason, text } = failed
  const said = lastLine(text)
  if (reason === 'missing') return missing()
  if (reason === 'large')
    return new GitProblem(
      'git_too_large',
      `the repository is over the ${GIT_PACK_BYTES_MAX / 1024 / 1024} MiB that the hub takes; use a repository that only has the documents`,
    )
  if (reason === 'timeout')
    return new GitProblem(
      'git_unreachable',
      `the repository did not arrive within ${FETCH_MS_MAX / 1_000} s; check the server and the network of the hub`,
    )
  if (/couldn't find remote ref/.test(text))
    return new GitProblem('git_branch_missing', `the repository has no branch ${spec.branch}; check --branch`)
  const ssh = sshProblem(text)
  if (ssh !== undefined) return new GitProblem('git_refused', ssh)
  if (/redirect/i.test(text))
    return new GitProblem(
      'git_refused',
      'the server redirects, and the hub does not follow; write the final URL, often with .git',
    )
  if (/Authentication failed|could not read Username|error: 40[13]|Access denied/i.test(text))
    return new GitProblem(
      'git_refused',
      `the server rejects ${token === undefined ? 'a fetch without a token' : 'the token'}; set one that may read the repository with --token-file`,
    )
  if (/fsck|hasDot|badTree|invalid (path|tree)|fullPathname|gitmodules/i.test(text))
    return new GitProblem('git_unsafe', `the repository has objects that Git rejects: ${said}`)
  return new GitProblem('git_unreachable', `git could not fetch the branch: ${said}`)
}

/** The commit that the last fetch found. */
async function commitOf(folder: string, signal: AbortSignal): Promise<GitCommit> {
  const format = '--format=%H%x00%an%x00%ct%x00%s'
  const output = await need(
    { folder, args: ['log', '-1', '--no-show-signature', '--encoding=UTF-8', format, REF] },
    signal,
  )
  const [hash = '', author = '', seconds = '0', subject = ''] = output.toString('utf8').trim().split('\0')
  return { hash, author: plain(author), atMs: Number(seconds) * 1_000, subject: plain(subject) }
}

/** A person reads it in a terminal, so it has no control characters. */
export const plain = (text: string) => text.replaceAll(/\p{C}/gu, ' ').trim().slice(0, 200)

/** Whether the history of one commit contains the other; false if the copy of the hub does not reach so far back. */
export async function isAncestor(
  hub: Hub,
  { id, older, newer }: { id: string; older: string; newer: string },
  signal: AbortSignal,
): Promise<boolean> {
  return (await runGit({ folder: folderOf(hub, id), args: ['merge-base', '--is-ancestor', older, newer] }, signal)).ok
}

/** The YAML files of the commit below the path. Throws if one of them is unsafe or too large. */
export async function readCommit(
  hub: Hub,
  { id, hash, path }: { id: string; hash: string; path: string },
  signal: AbortSignal,
): Promise<ManifestFile[]> {
  const folder = folderOf(hub, id)
  const below = path === '.' ? [] : ['--', path]
  const listed = await need({ folder, args: ['ls-tree', '-r', '-l', '-z', '--full-tree', hash, ...below] }, signal)
  const entries = parseTree(listed.toString('utf8'))
  if (!entries) throw new GitProblem('git_unsafe', 'git lists a file in a form that the hub does not know')
  const judged = judgeTree(entries, path)
  if (!judged.ok) throw new GitProblem(judged.code, judged.message)
  const input = judged.files.map((file) => `${file.id}\n`).join('')
  return splitBatch(await need({ folder, args: ['cat-file', '--batch'], input }, signal), judged.files)
}

/** [git-cat-file] `id SP type SP size LF contents LF` for each object. */
function splitBatch(output: Buffer, files: readonly TreeEntry[]): ManifestFile[] {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let offset = 0
  return files.map(({ id, path, sizeBytes }) => {
    const header = `${id} blob ${sizeBytes}\n`
    const begin = offset + header.length
    if (output.toString('latin1', offset, begin) !== header)
      throw new GitProblem('git_unsafe', `git does not return the listed content of ${path}`)
    offset = begin + sizeBytes + 1
    try {
      return { file: path, text: decoder.decode(output.subarray(begin, begin + sizeBytes)) }
    } catch {
      throw new GitProblem('git_manifest_invalid', `${path} is not UTF-8; save it as UTF-8`)
    }
  })
}

/** The output of a run that must succeed. Throws `GitProblem`. */
export async function need(run: GitRun, signal: AbortSignal): Promise<Buffer> {
  const result = await runGit(run, signal)
  if (result.ok) return result.output
  if (result.reason === 'missing') throw missing()
  if (result.reason === 'large') throw new GitProblem('git_too_large', 'the repository lists more than the hub reads')
  throw new GitProblem('git_unsafe', `git ${run.args[0]} failed: ${lastLine(result.text) || result.reason}`)
}

const missing = () =>
  new GitProblem('git_program_missing', 'the machine of the hub has no git; install git and openssh-client there')

/** Git says the reason in its last line. */
export const lastLine = (text: string) =>
  plain(
    text
      .split('\n')
      .filter(Boolean)
      .at(-1)
      ?.replace(/^(fatal|error): /, '') ?? '',
  )

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
