/**
 * Connection keeper: holds the device's sources and sinks on disk, so that they are there without a hub. What the hub says counts, whole: first
 * everything that is new is fetched and on the disk, then the document that names it, then what nothing names goes. After a kill at any byte there is the
 * document of before with all its files, or the new one.
 */
import { join } from 'node:path'
import type { ConnectionKind, ConnectionStatus } from '@skerry/contract/connections/connection'
import { ConnectionsDocument, type HeldConnections } from '@skerry/contract/held/connections'
import type { Digest } from '@skerry/contract/values/digest'
import { readIfPresent, removeLeftovers, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'

/** A connection whose bytes are in the file. */
export type HeldConnection = { kind: ConnectionKind; name: string; digest: Digest; path: string }

/** The bytes of what a connection says. */
export type FetchSpec = (
  id: string,
  signal: AbortSignal,
) => Promise<{ ok: true; bytes: Uint8Array } | { ok: false; message: string }>

export type ConnectionKeeper = {
  /** What is on the disk. */
  connections(): readonly HeldConnection[]
  /** The same as the hub is told. */
  held(): HeldConnections
  /** Becomes what the device holds; where it cannot, a condition says why, and it stays as it was. */
  take(document: ConnectionsDocument, signal: AbortSignal): Promise<void>
}

export type ConnectionKeeperDeps = {
  fileSystem: FileSystem
  data: string
  fetch: FetchSpec
  conditions: Conditions
  log: Log
  /** How they do. */
  running(): ConnectionStatus[]
  /** Called when it holds others. */
  onChange(): void
}

const DOCUMENT = 'document.json'
const OWNER_ONLY = 0o600

/** Reads what is on disk. */
export async function openConnectionKeeper(deps: ConnectionKeeperDeps): Promise<ConnectionKeeper> {
  const { fileSystem, conditions, log } = deps
  await fileSystem.makeFolder(folderOf(deps))
  await removeLeftovers(fileSystem, folderOf(deps))
  let kept = await read(deps)
  return {
    connections: () =>
      (kept?.connections ?? []).map(({ kind, name, digest }) => ({ kind, name, digest, path: pathOf(deps, digest) })),
    held: () => ({ ...(kept && { revision: kept.revision }), running: deps.running() }),
    async take(document, signal) {
      const problem = await keep(deps, document, signal)
      if (problem !== undefined) return conditions.raise({ code: 'connections_refused', message: problem })
      kept = document
      for (const code of ['connections_refused', 'connections_damaged']) conditions.clear(code)
      log.info('connections_taken', { revision: document.revision, connections: document.connections.length })
      deps.onChange()
      await sweep(deps, document)
    },
  }
}

const folderOf = ({ data }: Pick<ConnectionKeeperDeps, 'data'>) => join(data, 'connections')

const nameOf = (digest: Digest) => `${digest.replace('sha256:', '')}.json`

const pathOf = (deps: ConnectionKeeperDeps, digest: Digest) => join(folderOf(deps), nameOf(digest))

/** Gives why it cannot be kept. */
async function keep(
  deps: ConnectionKeeperDeps,
  document: ConnectionsDocument,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { fileSystem } = deps
  try {
    for (const connection of document.connections) {
      const problem = await keepOne(deps, connection, signal)
      if (problem !== undefined) return problem
    }
    await writeAtomic(fileSystem, join(folderOf(deps), DOCUMENT), JSON.stringify(document), OWNER_ONLY)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    const why = error instanceof Error ? `${error.message}: ${String(error.cause ?? '')}` : String(error)
    return `sources and sinks cannot be written to disk (${why})`.slice(0, 1_000)
  }
}

async function keepOne(
  deps: ConnectionKeeperDeps,
  { id, kind, name, digest }: ConnectionsDocument['connections'][number],
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = pathOf(deps, digest)
  const there = await readIfPresent(deps.fileSystem, path)
  if (there && digestOf(there) === digest) return undefined
  const fetched = await deps.fetch(id, signal)
  if (!fetched.ok) return `the ${kind} ${name} could not be fetched: ${fetched.message}`.slice(0, 1_000)
  // It has been set anew meanwhile: the hub tells of that one, too.
  if (digestOf(fetched.bytes) !== digest) return `the ${kind} ${name} differs from the one that the hub named`
  await writeAtomic(deps.fileSystem, path, fetched.bytes, OWNER_ONLY)
  return undefined
}

async function read(deps: ConnectionKeeperDeps): Promise<ConnectionsDocument | undefined> {
  const bytes = await readIfPresent(deps.fileSystem, join(folderOf(deps), DOCUMENT))
  if (!bytes) return undefined
  const document = parse(Buffer.from(bytes).toString('utf8'))
  if (!document) {
    const message = 'the list of sources and sinks on disk is damaged; the hub sends it again on the next connection'
    deps.conditions.raise({ code: 'connections_damaged', message })
  }
  return document
}

function parse(text: string): ConnectionsDocument | undefined {
  try {
    return ConnectionsDocument.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** What is left by a crash here goes next time. */
async function sweep(deps: ConnectionKeeperDeps, { connections }: ConnectionsDocument): Promise<void> {
  const names = new Set([DOCUMENT, ...connections.map(({ digest }) => nameOf(digest))])
  for (const name of await deps.fileSystem.list(folderOf(deps))) {
    if (name.endsWith('.json') && !names.has(name)) await deps.fileSystem.removeFile(join(folderOf(deps), name))
  }
}
