/**
 * Connection keeper: stores the device's sources and sinks on disk, so that they work without a hub. The hub's newest
 * document counts as a whole. First the keeper fetches all new files to the disk, then it stores the document that
 * names them, and last it removes unnamed files. After a kill at any byte, either the old document or the new one is
 * there, with all its files.
 */
import { join } from 'node:path'
import { type ConnectionKind, ConnectionSpec, type ConnectionStatus } from '@skerry/contract/connections/connection'
import { type DataClasses, dataClassesOf } from '@skerry/contract/connections/data-classes'
import { ConnectionsDocument, type HeldConnections } from '@skerry/contract/held/connections'
import type { Digest } from '@skerry/contract/values/digest'
import { readIfPresent, removeLeftovers, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'

/** A connection with its bytes in the file. */
export type HeldConnection = {
  kind: ConnectionKind
  name: string
  digest: Digest
  path: string
  /** Undefined if nobody has classified its values. */
  classes: DataClasses | undefined
}

/** Fetches the bytes of a connection's configuration. */
export type FetchSpec = (
  id: string,
  signal: AbortSignal,
) => Promise<{ ok: true; bytes: Uint8Array } | { ok: false; message: string }>

export type ConnectionKeeper = {
  /** The connections on the disk. */
  connections(): readonly HeldConnection[]
  /** The site of the device, as the hub describes it. */
  site(): ConnectionsDocument['site']
  /** The same list in the form for the hub. */
  held(): HeldConnections
  /** Makes the device hold the document. If that fails, a condition gives the reason, and nothing changes. */
  take(document: ConnectionsDocument, signal: AbortSignal): Promise<void>
}

export type ConnectionKeeperDeps = {
  fileSystem: FileSystem
  data: string
  fetch: FetchSpec
  conditions: Conditions
  log: Log
  /** The states of the connections. */
  running(): ConnectionStatus[]
  /** Called when it holds other connections. */
  onChange(): void
}

const DOCUMENT = 'document.json'
const OWNER_ONLY = 0o600

/** Reads the stored document from disk. */
export async function openConnectionKeeper(deps: ConnectionKeeperDeps): Promise<ConnectionKeeper> {
  const { fileSystem, conditions, log } = deps
  await fileSystem.makeFolder(folderOf(deps))
  await removeLeftovers(fileSystem, folderOf(deps))
  let kept = await read(deps)
  let classes = await classesOf(deps, kept)
  return {
    connections: () =>
      (kept?.connections ?? []).map(({ kind, name, digest }) => {
        return { kind, name, digest, path: pathOf(deps, digest), classes: classes.get(digest) }
      }),
    site: () => kept?.site,
    held: () => ({ ...(kept && { revision: kept.revision }), running: deps.running() }),
    async take(document, signal) {
      const problem = await keep(deps, document, signal)
      if (problem !== undefined) return conditions.raise({ code: 'connections_refused', message: problem })
      classes = await classesOf(deps, document)
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

/** Resolves with the reason why the connection cannot be kept. */
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
  // The connection has changed meanwhile: the hub will send the new one too.
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

/** The words of a file that classifies anything. Others, which may have 32 MiB, are not parsed here. */
const CLASSED = '"dataClass"'

/** The classes of the connections on the disk. The next document replaces a file that is damaged. */
async function classesOf(deps: ConnectionKeeperDeps, document: ConnectionsDocument | undefined) {
  const classes = new Map<Digest, DataClasses>()
  for (const { digest } of document?.connections ?? []) {
    const bytes = await readIfPresent(deps.fileSystem, pathOf(deps, digest))
    if (!bytes || !Buffer.from(bytes).includes(CLASSED) || digestOf(bytes) !== digest) continue
    const spec = ConnectionSpec.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
    const found = spec && dataClassesOf(spec)
    if (found) classes.set(digest, found)
  }
  return classes
}

function parse(text: string): ConnectionsDocument | undefined {
  try {
    return ConnectionsDocument.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** After a crash here, the next sweep removes the remaining files. */
async function sweep(deps: ConnectionKeeperDeps, { connections }: ConnectionsDocument): Promise<void> {
  const names = new Set([DOCUMENT, ...connections.map(({ digest }) => nameOf(digest))])
  for (const name of await deps.fileSystem.list(folderOf(deps))) {
    if (name.endsWith('.json') && !names.has(name)) await deps.fileSystem.removeFile(join(folderOf(deps), name))
  }
}
