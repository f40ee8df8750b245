/** Handlers of the procedures on sources and sinks. */
import {
  CONNECTIONS_BYTES_MAX,
  CONNECTIONS_MAX,
  type Connection,
  type ConnectionKind,
  type ConnectionSpec,
} from '@skerry/contract/connections/connection'
import { ConnectionId } from '@skerry/contract/values/ids'
import { sourceViolation } from '@skerry/core/places/data-class'
import { findDevice } from '../devices/device-store.ts'
import { livenessOf } from '../devices/liveness.ts'
import type { AuditNote, KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, throwProblem, unknownName } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { keepClasses } from '../places/data-class-store.ts'
import { ownerKey, ownerOf, type SecretOwner } from '../secrets/secret-store.ts'
import type { Db, Tx } from '../store/store.ts'
import { type CheckedConnection, checkConnection } from './checked-connection.ts'
import { NO_REPORTS, reportsOn } from './connection-states.ts'
import {
  type ConnectionRow,
  connectionOf,
  deleteConnection,
  findConnection,
  findOwned,
  listConnections,
  othersOf,
  reachOf,
  saveConnection,
  sitesReached,
  specOf,
} from './connection-store.ts'
import { saidOf, stateOf, wantedConnections } from './device-connections.ts'

export const sourceHandlers = handlersOf('source', os.source)
export const sinkHandlers = handlersOf('sink', os.sink)

/** The procedures that sources and sinks share. */
type ConnectionTable = Pick<typeof os.sink, 'list' | 'get' | 'set' | 'plan' | 'remove' | 'ofDevice'>

function handlersOf(kind: ConnectionKind, table: ConnectionTable) {
  return {
    list: table.list.handler(async ({ context: { hub, organisationId }, input: { limit, after, scope, name } }) => {
      const { db } = hub.store
      const owner = scope && (await ownerOf(db, organisationId, scope))
      if (scope && !owner) return { rows: [] }
      const place = { organisationId, kind, owner: owner && ownerKey(owner), name }
      const rows = await listConnections(db, { ...place, limit: limit + 1, after: idOf(after) })
      return pageFrom(await withReports(hub, rows), limit, ({ id }) => id)
    }),
    get: table.get.handler(async ({ context: { hub, organisationId }, input }) => {
      const { db } = hub.store
      const row = await knownConnection(db, organisationId, { kind, id: input.connection })
      const spec = await specOf(db, row.id)
      if (spec === undefined) throw problem('connection_unknown')
      const [connection = connectionOf(row)] = await withReports(hub, [row])
      return { connection, spec: JSON.parse(spec) }
    }),
    set: table.set.handler(async ({ context, input }) => {
      const wish = wishOf(kind, context, input)
      const set = await context.change((tx, note) => setConnection(tx, note, { context, wish }))
      if (set.change !== 'unchanged') context.hub.bus.publish('connections.changed', context.organisationId)
      return set
    }),
    plan: table.plan.handler(({ context, input }) =>
      planConnection(context.hub.store.db, context.organisationId, wishOf(kind, context, input)),
    ),
    remove: table.remove.handler(async ({ context, input }) => {
      const { hub, organisationId } = context
      await context.change(async (tx, note) => {
        const row = await knownConnection(tx, organisationId, { kind, id: input.connection })
        const { name, scope, version } = connectionOf(row)
        note.object.id = `${scope}/${name}`
        note.detail = { version }
        await deleteConnection(tx, row.id)
      })
      hub.bus.publish('connections.changed', organisationId)
      return {}
    }),
    ofDevice: table.ofDevice.handler(async ({ context: { hub, organisationId }, input }) => {
      const { db } = hub.store
      const device = await findDevice(db, organisationId, input.device)
      if (!device) throw unknownName('device_unknown', input.device)
      const wanted = await wantedConnections(db, device)
      const said = await saidOf(db, device.id)
      return {
        device: device.name,
        connections: wanted.rows.filter((row) => row.kind === kind).map(connectionOf),
        state: stateOf(wanted, said?.revision),
        running: (said?.running ?? []).filter((each) => each.kind === kind),
        ...(kind === 'sink' && said?.hubQueue && { hubQueue: said.hubQueue }),
        ...(said && { saidAtMs: said.said_at_ms }),
        liveness: livenessOf(device, hub.clock.nowMs()),
        ...(device.last_seen_at_ms !== null && { lastSeenAtMs: device.last_seen_at_ms }),
      }
    }),
  }
}

/** The connections, each with the reports of its devices. */
async function withReports({ store, clock }: Hub, rows: readonly ConnectionRow[]): Promise<Connection[]> {
  const ids = rows.map(({ id }) => id)
  const reports = await reportsOn(store.db, ids, clock.nowMs())
  return rows.map((row) => ({ ...connectionOf(row), reports: reports.get(row.id) ?? NO_REPORTS }))
}

type Checked = Extract<CheckedConnection, { ok: true }>
type Wish = { kind: ConnectionKind; name: string; scope: string; checked: Checked }

/** A thread has already checked a large configuration. */
function wishOf(
  kind: ConnectionKind,
  { entry }: KeyCall,
  input: { name: string; scope: string; spec: ConnectionSpec },
) {
  const { name, scope } = input
  const checked = entry.prepared.connection ?? checkConnection(kind, input)
  return checked.ok ? { kind, name, scope, checked } : throwProblem(checked)
}

async function ownerIn(db: Db, organisationId: KeyCall['organisationId'], scope: string) {
  const owner = await ownerOf(db, organisationId, scope)
  if (!owner) throw problem(scope.startsWith('site:') ? 'site_unknown' : 'device_unknown')
  return owner
}

type Setting = { context: KeyCall; wish: Wish }

async function setConnection(tx: Tx, note: AuditNote, { context, wish }: Setting) {
  const { hub, organisationId, caller } = context
  const { kind, name, scope } = wish
  const { text, digest, protocol, tags, sizeBytes: size_bytes } = wish.checked
  const owner = await ownerIn(tx, organisationId, scope)
  const place = { kind, owner: ownerKey(owner), name }
  const known = await findOwned(tx, organisationId, place)
  note.object.id = `${scope}/${name}`
  note.detail = { version: known?.version ?? 1, digest, protocol, tags }
  if (known?.digest === digest) return { change: 'unchanged' as const, connection: connectionOf(known) }
  await refuseClass(tx, organisationId, { ...wish, owner })
  const others = await othersOf(tx, organisationId, place)
  if (others.count >= CONNECTIONS_MAX || others.bytes + size_bytes > CONNECTIONS_BYTES_MAX) {
    throw problem('connections_full')
  }
  const id = known?.id ?? hub.ids.connection()
  const version = (known?.version ?? 0) + 1
  const nowMs = hub.clock.nowMs()
  note.detail = { ...note.detail, version, sizeBytes: size_bytes }
  await saveConnection(tx, {
    id,
    organisation_id: organisationId,
    ...place,
    ...owner,
    version,
    protocol,
    tags,
    digest,
    size_bytes,
    spec: text,
    created_at_ms: known?.created_at_ms ?? nowMs,
    updated_at_ms: nowMs,
    updated_by: caller.name,
  })
  await keepClasses(tx, { id, organisationId, classes: wish.checked.classes })
  const row = await knownConnection(tx, organisationId, { kind, id })
  return { change: known ? ('changed' as const) : ('created' as const), connection: connectionOf(row) }
}

async function planConnection(db: Db, organisationId: KeyCall['organisationId'], wish: Wish) {
  const { kind, name, scope, checked } = wish
  const owner = await ownerIn(db, organisationId, scope)
  const known = await findOwned(db, organisationId, { kind, owner: ownerKey(owner), name })
  await refuseClass(db, organisationId, { ...wish, owner })
  const isSame = known?.digest === checked.digest
  const change = known ? (isSame ? 'unchanged' : 'changed') : 'created'
  const version = (known?.version ?? 0) + (isSame ? 0 : 1)
  return { change, version, ...(await reachOf(db, { organisationId, kind, name, owner })) } as const
}

/** The devices would not start a source that is too sensitive for their sites, so the hub rejects it. */
async function refuseClass(
  db: Db,
  organisationId: KeyCall['organisationId'],
  { kind, name, owner, checked }: Wish & { owner: SecretOwner },
): Promise<void> {
  const { classes } = checked
  if (kind !== 'source' || !classes) return
  for (const site of await sitesReached(db, { organisationId, kind, name, owner })) {
    const limit = { clearance: site.clearance, words: `the site ${site.name}` }
    const broken = sourceViolation(name, classes, { limit })
    if (broken) throw problem('data_class_refused', broken.message)
  }
}

type Named = { kind: ConnectionKind; id: ConnectionId }

async function knownConnection(db: Db, organisationId: KeyCall['organisationId'], { kind, id }: Named) {
  const row = await findConnection(db, organisationId, id)
  if (row?.kind !== kind) throw problem('connection_unknown')
  return row
}

function idOf(after: string | undefined): ConnectionId | undefined {
  if (after === undefined) return undefined
  const id = ConnectionId.safeParse(after).data
  if (!id) throw problem('input_invalid', 'after must be the value of next from an earlier page')
  return id
}
