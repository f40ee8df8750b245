/** Handlers of the procedures on remote access. */
import { AccessSpec, type AccessWish, TICKET_SECONDS } from '@skerry/contract/access/access'
import type { AccessGrantId } from '@skerry/contract/values/ids'
import { judgeGrant, judgeModeration } from '@skerry/core/access/judge-grant'
import { knownDevice } from '../devices/device-handlers.ts'
import { type DeviceRow, findDevices } from '../devices/device-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import { isDeviceIn } from '../scopes/scope-rows.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { AccessGrantTable } from '../store/tables/access/access-session-tables.ts'
import {
  accessGrantOf,
  accessSessionOf,
  activeGrants,
  countOpenSessions,
  findAccessGrant,
  findAccessSession,
  grantFacts,
  listAccessGrants,
  listAccessSessions,
  openSessionsOf,
  placeIn,
  placeOf,
  sessionExtras,
  ticketHash,
} from './access-store.ts'
import { isModeratorNeeded } from './moderation-rule.ts'
import { readRecording } from './recording-store.ts'

/** More people than ever look into one device at once. */
const GRANTS_PER_DEVICE_MAX = 32

/** Some terminals and tunnels of each person of a large team. */
const SESSIONS_MAX = 200

export const accessHandlers = {
  list: os.access.list.handler(async ({ context, input: { limit, after, device, state } }) => {
    const { hub, organisationId } = context
    const nowMs = hub.clock.nowMs()
    const of = { organisationId, deviceId: await idOf(context, device) }
    const rows = await listAccessGrants(hub.store.db, { ...of, limit: limit + 1, before: placeIn(after), state, nowMs })
    const devices = await devicesOf(context, rows)
    const open = await openSessionsOf(
      hub.store.db,
      organisationId,
      rows.map(({ id }) => id),
    )
    const page = pageFrom(rows, limit, (row) => placeOf({ createdAtMs: row.created_at_ms, id: row.id }))
    const shown = { personId: context.caller.personId, nowMs }
    return {
      ...page,
      rows: page.rows.flatMap((row) => {
        const name = devices.get(row.device_id)?.name
        const openSessions = open.get(row.id) ?? 0
        return name === undefined ? [] : [accessGrantOf(row, { ...shown, device: name, openSessions })]
      }),
    }
  }),
  sessions: os.access.sessions.handler(async ({ context, input: { limit, after, device, grant } }) => {
    const { hub, organisationId } = context
    const of = { organisationId, deviceId: await idOf(context, device), grantId: grant }
    const rows = await listAccessSessions(hub.store.db, { ...of, limit: limit + 1, before: placeIn(after) })
    const devices = await devicesOf(context, rows)
    const page = pageFrom(rows, limit, (row) => placeOf({ createdAtMs: row.created_at_ms, id: row.id }))
    const extras = await sessionExtras(hub.store.db, page.rows, hub.clock.nowMs())
    return {
      ...page,
      rows: page.rows.flatMap((row) => {
        const name = devices.get(row.device_id)?.name
        return name === undefined ? [] : [accessSessionOf(row, name, extras.get(row.id))]
      }),
    }
  }),
  request: os.access.request.handler(({ context, input: { device, ...given } }) => {
    const { hub, organisationId, caller } = context
    const spec = AccessSpec.parse(given)
    return context.change(async (tx, note) => {
      const row = await knownDevice(tx, organisationId, device)
      refuseQuarantined(row)
      const nowMs = hub.clock.nowMs()
      const moderation = judgeModeration(spec, await isModeratorNeeded(tx, { organisationId, row, nowMs }))
      if (!moderation.ok) throwProblem(moderation)
      const active = await activeGrants(tx, { organisationId, deviceId: row.id, nowMs })
      if (active.length >= GRANTS_PER_DEVICE_MAX) throw problem('access_full', 'the device has too many active grants')
      const grant: AccessGrantTable = {
        id: hub.ids.accessGrant(),
        organisation_id: organisationId,
        device_id: row.id,
        holder: toJson({ kind: caller.kind, id: caller.id, name: caller.name }),
        person_id: caller.personId,
        spec: toJson(spec),
        created_at_ms: nowMs,
        expires_at_ms: nowMs + spec.seconds * 1_000,
        revoked: null,
      }
      await tx.insertInto('access_grants').values(grant).execute()
      note.object = { kind: 'access', id: grant.id }
      note.detail = { device: row.name, ...spec }
      return accessGrantOf(grant, { device: row.name, personId: caller.personId, nowMs, openSessions: 0 })
    })
  }),
  revoke: os.access.revoke.handler(async ({ context, input: { device, grant: id, reason } }) => {
    const { hub, organisationId, caller } = context
    const revoked = await context.change(async (tx, note) => {
      const row = await knownDevice(tx, organisationId, device)
      const grant = await findAccessGrant(tx, { organisationId, deviceId: row.id }, id)
      if (!grant) throw problem('grant_unknown')
      const nowMs = hub.clock.nowMs()
      const end = grant.revoked ?? toJson({ by: caller.name, atMs: nowMs, reason })
      await tx
        .updateTable('access_grants')
        .set({ revoked: end })
        .where('organisation_id', '=', organisationId)
        .where('id', '=', id)
        .execute()
      note.object = { kind: 'access', id }
      note.detail = { device: row.name, reason, holder: fromJson(grant.holder).name }
      const open = await openSessionsOf(tx, organisationId, [id])
      return accessGrantOf(
        { ...grant, revoked: end },
        { device: row.name, personId: caller.personId, nowMs, openSessions: open.get(id) ?? 0 },
      )
    })
    hub.bus.publish('access.changed', id)
    return revoked
  }),
  open: os.access.open.handler(({ context, input: { device, grant, wish } }) => {
    const { hub, organisationId, caller } = context
    return context.change(async (tx, note) => {
      const row = await knownDevice(tx, organisationId, device)
      refuseQuarantined(row)
      const covering = await grantFor(context, tx, { row, grant, wish })
      if ((await countOpenSessions(tx, organisationId)) >= SESSIONS_MAX) throw problem('access_full')
      const nowMs = hub.clock.nowMs()
      const ticket = hub.ids.secret()
      const session = {
        id: hub.ids.accessSession(),
        organisation_id: organisationId,
        device_id: row.id,
        grant_id: covering.id,
        holder: toJson({ kind: caller.kind, id: caller.id, name: caller.name }),
        wish: toJson(wish),
        ticket_hash: ticketHash(ticket),
        state: 'waiting' as const,
        hub_id: null,
        created_at_ms: nowMs,
        ended_at_ms: null,
        ended: null,
        exit_code: null,
        recording: null,
      }
      await tx.insertInto('access_sessions').values(session).execute()
      note.object = { kind: 'access', id: session.id }
      // The record names a command, and never the input of a terminal.
      note.detail = { device: row.name, grant: covering.id, reason: fromJson(covering.spec).reason, ...wish }
      const { isModerated } = fromJson(covering.spec)
      const shown = accessSessionOf(session, row.name, { ...(isModerated && { isModerated }) })
      return { session: shown, ticket, expiresAtMs: nowMs + TICKET_SECONDS * 1_000 }
    })
  }),
  recording: os.access.recording.handler(async ({ context, input: { device, accessSession: id } }) => {
    const { hub, organisationId } = context
    const row = await knownDevice(hub.store.db, organisationId, device)
    const session = await findAccessSession(hub.store.db, { organisationId, deviceId: row.id }, id)
    if (!session) throw problem('access_session_unknown')
    const text = await readRecording(hub.store.db, session)
    const recording = session.recording === null ? undefined : fromJson(session.recording)
    await context.change(async (_tx, note) => {
      note.object = { kind: 'access', id }
      note.detail = { device: row.name, ...(recording && { digest: recording.digest }) }
    })
    return { text, ...(recording && { recording }) }
  }),
}

type Seeking = { row: DeviceRow; grant: AccessGrantId | undefined; wish: AccessWish }

/** The caller's grant that covers the wish. Throws the reason of the newest one if none does. */
async function grantFor({ hub, organisationId, caller }: KeyCall, db: Tx, { row, grant, wish }: Seeking) {
  const nowMs = hub.clock.nowMs()
  const of = { organisationId, deviceId: row.id }
  const named = grant === undefined ? undefined : await findAccessGrant(db, of, grant)
  const mine =
    grant === undefined
      ? await activeGrants(db, { ...of, personId: caller.personId, nowMs })
      : [named].flatMap((each) => (each?.person_id === caller.personId ? [each] : []))
  // A grant may be older than the rule.
  const isNeeded = wish.kind === 'shell' && (await isModeratorNeeded(db, { organisationId, row, nowMs }))
  const judged = mine.map((each) => {
    const verdict = judgeGrant(grantFacts(each), wish, nowMs)
    const moderation = judgeModeration(fromJson(each.spec), isNeeded)
    return { each, verdict: verdict.ok && !moderation.ok ? moderation : verdict }
  })
  const covering = judged.find(({ verdict }) => verdict.ok)
  if (covering) return covering.each
  const [first] = judged
  if (first && !first.verdict.ok) return throwProblem(first.verdict)
  throw problem('grant_unknown')
}

async function idOf({ hub, organisationId }: KeyCall, device: string | undefined) {
  return device === undefined ? undefined : (await knownDevice(hub.store.db, organisationId, device)).id
}

/** The devices of the rows that lie in the caller's scope. */
async function devicesOf({ hub, organisationId, scope }: KeyCall, rows: readonly { device_id: DeviceRow['id'] }[]) {
  const ids = [...new Set(rows.map(({ device_id }) => device_id))]
  const found = ids.length === 0 ? [] : await findDevices(hub.store.db, organisationId, ids)
  return new Map(found.filter((row) => isDeviceIn(scope, row)).map((row) => [row.id, row]))
}
