/**
 * Needed permissions: the accesses that the items of a listing use by their documents. A listing must ask for each of
 * them. A run in a sandbox would also find those that no document shows.
 */
import { App } from '@skerry/contract/apps/app'
import type { HostAccess } from '@skerry/contract/apps/host-access'
import { Flow } from '@skerry/contract/flows/flow'
import type { MarketKind, PermissionAccess } from '@skerry/contract/market/listing'

import { accessWords } from '../../apps/app-access.ts'

export type NeededPermission = { access: PermissionAccess; target: string }

/** The main document of an item, with the settings in it. */
type Needs = (document: unknown) => NeededPermission[]

/** One row for each kind. A model only computes. */
const needsOfKind: Readonly<Record<MarketKind, Needs>> = {
  model: () => [],
  flow: flowNeeds,
  app: appNeeds,
}

/** The permissions that the version of a kind needs. */
export const versionNeeds = (kind: MarketKind, document: unknown): NeededPermission[] => needsOfKind[kind](document)

function flowNeeds(document: unknown): NeededPermission[] {
  const { data } = Flow.safeParse(document)
  if (!data) return []
  const reads = data.inputs.map(({ source, tag }) => ({ access: 'read-tag' as const, target: `${source}/${tag}` }))
  const writes = data.sinks.flatMap((sink) =>
    'tag' in sink ? [{ access: 'write-tag' as const, target: `${sink.source}/${sink.tag}` }] : [],
  )
  return [...reads, ...writes]
}

function appNeeds(document: unknown): NeededPermission[] {
  const { data } = App.safeParse(document)
  return Object.values(data?.services ?? {}).flatMap(({ ports = [], volumes = [], access }) => [
    ...hostNeeds(access),
    ...ports.map(({ host, protocol }) => ({ access: 'port' as const, target: `${host}/${protocol}` })),
    ...volumes.map(({ name }) => ({ access: 'mount' as const, target: name })),
  ])
}

/** The parts of the device: folders are mounts, and each other part is a device, in the words of `--allow-app`. */
const hostNeeds = (access: HostAccess | undefined): NeededPermission[] =>
  accessWords(access).map((word) => {
    const [kind, target = ''] = splitAt(word, ':')
    if (kind === 'folder') return { access: 'mount', target: target.replace(/:rw$/, '') }
    return { access: 'device', target: kind === 'device' ? target : word }
  })

function splitAt(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** Protocols that open no connection: values are invented, or go to the hub. */
const LOCAL: ReadonlySet<unknown> = new Set(['simulator', 'hub'])

/** A simulator may replay a file of the device. */
function replayedFile(connection: unknown): NeededPermission[] {
  const { recording } = (connection ?? {}) as { recording?: { path?: unknown } }
  return recording ? [{ access: 'mount', target: String(recording.path) }] : []
}

/** The remote end of a source or a sink, by the fields that protocols use for it. */
export function connectionNeeds(spec: Readonly<Record<string, unknown>>): NeededPermission[] {
  const { protocol, connection } = spec
  if (LOCAL.has(protocol)) return replayedFile(connection)
  const { host, port, url, endpoint, path } = (
    typeof connection === 'object' && connection !== null ? connection : {}
  ) as Record<string, unknown>
  if (typeof url === 'string') return [{ access: 'egress', target: hostOf(url) }]
  // [OPC 10000-6] opc.tcp://HOST:PORT/PATH
  if (typeof endpoint === 'string') return [{ access: 'egress', target: hostOf(endpoint) }]
  if (typeof host === 'string') return [{ access: 'egress', target: port === undefined ? host : `${host}:${port}` }]
  if (typeof path === 'string') return [{ access: 'device', target: path }]
  return [{ access: 'egress', target: `the ${String(protocol)} equipment` }]
}

/** Host and port of a URL, without a user. */
const hostOf = (url: string) => /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/?#]+)/i.exec(url)?.[1] ?? url
