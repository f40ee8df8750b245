/** Handlers of the procedures on the rules of captures, on erasure, and on performance. */
import { CAPTURE_DEVICES_SHOWN } from '@skerry/contract/captures/capture'
import { kinds } from '@skerry/contract/kinds/kinds'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { generateSecretKey } from '@skerry/platform/sealing/secret-box'
import { deviceLinkOf, presentHubs } from '../devices/device-link-store.ts'
import { findDevices } from '../devices/device-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { findModel } from '../models/version-store.ts'
import { isDeviceIn } from '../scopes/scope-rows.ts'
import type { Db } from '../store/store.ts'
import {
  captureOf,
  deleteCapture,
  devicesBehind,
  ensureSalt,
  eraseSubject,
  findCapture,
  lastErasure,
  listCaptures,
  saltOf,
  saveCapture,
} from './capture-store.ts'
import { isCaptureCurrent } from './device-captures.ts'
import { modelPerformance, taskOf } from './performance.ts'
import { subjectKey } from './subject-key.ts'

/** As for monitors: each of its models has labels. */
const CAPTURES_MAX = 1_000

/** Throws if the model has no capture. */
export async function knownCapture({ hub, organisationId }: Pick<KeyCall, 'hub' | 'organisationId'>, model: string) {
  const row = await findCapture(hub.store.db, { organisationId, model })
  if (!row) throw problem('capture_unknown')
  return row
}

/** The first flow of the alarms that does not exist. */
async function missingFlow(db: Db, organisationId: OrganisationId, alarms: readonly string[]) {
  for (const alarm of alarms) {
    const [name = ''] = alarm.split('/')
    const flow = await findModel(db, { organisationId, name })
    if (!flow || kinds[flow.kind].serves) return name
  }
  return undefined
}

export const captureRuleHandlers = {
  list: os.capture.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await listCaptures(hub.store.db, { organisationId, limit: limit + 1, after })
    const captures = await Promise.all(rows.map((row) => captureOf(hub.store.db, row)))
    return pageFrom(captures, limit, ({ model }) => model)
  }),
  get: os.capture.get.handler(async ({ context, input: { name } }) =>
    captureOf(context.hub.store.db, await knownCapture(context, name)),
  ),
  devices: os.capture.devices.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId, scope } = context
    const { db } = hub.store
    await knownCapture(context, name)
    const found = await db
      .selectFrom('capture_devices as report')
      .innerJoin('device_items as item', 'item.device_id', 'report.device_id')
      .select(['report.device_id', 'report.revision'])
      .where('report.organisation_id', '=', organisationId)
      .where('item.name', '=', name)
      .where('report.revision', 'is not', null)
      .orderBy('report.device_id')
      .limit(CAPTURE_DEVICES_SHOWN + 1)
      .execute()
    const revisions = new Map(found.map(({ device_id, revision }) => [device_id, revision]))
    const rows = await findDevices(db, organisationId, [...revisions.keys()])
    const hubs = await presentHubs(hub)
    const shown = rows.filter((row) => isDeviceIn(scope, row)).slice(0, CAPTURE_DEVICES_SHOWN)
    const devices = await Promise.all(
      shown.map(async (row) => ({
        device: row.name,
        isCurrent: await isCaptureCurrent(db, row, revisions.get(row.id) ?? null),
        isConnected: deviceLinkOf(row, hubs).connected,
      })),
    )
    const sorted = devices.toSorted((a, b) => (a.device < b.device ? -1 : 1))
    return { rows: sorted, isCut: found.length > CAPTURE_DEVICES_SHOWN }
  }),
  set: os.capture.set.handler(async ({ context, input: { name, rules } }) => {
    const { hub, organisationId, caller } = context
    const nowMs = hub.clock.nowMs()
    await context.change(async (tx, note) => {
      const model = await findModel(tx, { organisationId, name })
      if (!model) throw problem('model_unknown')
      if (!kinds[model.kind].serves)
        throw problem('capture_refused', `${name} is a ${model.kind}; only rows of models are captured`)
      const { when, sample, alarms = [] } = rules
      if (when === undefined && sample === 0 && alarms.length === 0)
        throw problem('capture_refused', 'no row would be kept: give a condition, a share to sample, or an alarm')
      const missing = await missingFlow(tx, organisationId, alarms)
      if (missing !== undefined)
        throw problem('capture_refused', `there is no flow ${missing}; "skerry flow ls" lists flows`)
      const others = await listCaptures(tx, { organisationId, limit: CAPTURES_MAX, after: undefined })
      if (others.length >= CAPTURES_MAX && !others.some((one) => one.model === name))
        throw problem('capture_refused', `an organisation has at most ${CAPTURES_MAX} captures`)
      note.object.id = name
      note.detail = { ...rules }
      await ensureSalt(tx, organisationId, Buffer.from(generateSecretKey()).toString('hex'))
      await saveCapture(tx, { organisationId, model: name, rules, nowMs, by: caller.name })
    })
    hub.bus.publish('captures.changed', organisationId)
    return captureOf(hub.store.db, await knownCapture(context, name))
  }),
  remove: os.capture.remove.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    await context.change(async (tx) => {
      if (!(await deleteCapture(tx, { organisationId, model: name }))) throw problem('capture_unknown')
    })
    hub.bus.publish('captures.changed', organisationId)
    return {}
  }),
  erase: os.capture.erase.handler(async ({ context, input: { subject } }) => {
    const { hub, organisationId, caller } = context
    const labels = await context.change(async (tx, note) => {
      const salt = await saltOf(tx, organisationId)
      // The trail never forgets, so it has the digest and not the name.
      const key = salt === undefined ? undefined : subjectKey(salt, subject)
      note.object.id = key?.slice(0, 16) ?? 'none'
      const made = { organisationId, nowMs: hub.clock.nowMs(), by: caller.name }
      const erased = key === undefined ? 0 : await eraseSubject(tx, { ...made, subjectKey: key })
      note.detail = { labels: erased }
      return erased
    })
    hub.bus.publish('captures.changed', organisationId)
    const last = await lastErasure(hub.store.db, organisationId)
    return { labels, pendingDevices: await devicesBehind(hub.store.db, organisationId, last) }
  }),
  performance: os.capture.performance.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const { db } = hub.store
    if (!(await findModel(db, { organisationId, name: input.name }))) throw problem('model_unknown')
    const task = await taskOf(db, organisationId, input.name)
    return modelPerformance(db, { ...input, organisationId, task, nowMs: hub.clock.nowMs() })
  }),
}
