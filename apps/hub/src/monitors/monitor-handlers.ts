/** Handlers of the procedures on monitors and reference profiles. */
import { kinds } from '@skerry/contract/kinds/kinds'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { bomOf } from '../models/kinds/kinds.ts'
import { knownVersion } from '../models/known-version.ts'
import { findModel } from '../models/version-store.ts'
import { versionDetailOf } from '../models/version-view.ts'
import { toJson } from '../store/json-column.ts'
import { makeProfile } from './make-profile.ts'
import {
  deleteMonitor,
  findMonitor,
  listMonitors,
  profileIn,
  profilesOf,
  saveMonitor,
  saveProfile,
  summaryOf,
} from './monitor-store.ts'
import { listedMonitorOf, monitorOf, stabilitySeries } from './monitor-view.ts'

/** Each is looked at on the list, and each of its models has windows. */
const MONITORS_MAX = 1_000

const DAY_MS = 86_400_000

type Looking = Pick<KeyCall, 'hub' | 'organisationId'>

async function knownMonitor({ hub, organisationId }: Looking, name: string) {
  const row = await findMonitor(hub.store.db, organisationId, name)
  if (!row) throw problem('monitor_unknown')
  return row
}

export const monitorHandlers = {
  list: os.monitor.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await listMonitors(hub.store.db, { organisationId, limit: limit + 1, after })
    const nowMs = hub.clock.nowMs()
    const monitors = await Promise.all(rows.map((row) => listedMonitorOf(hub.store.db, row, nowMs)))
    return pageFrom(monitors, limit, ({ spec }) => spec.model)
  }),
  get: os.monitor.get.handler(async ({ context, input: { name } }) =>
    monitorOf(context.hub.store.db, await knownMonitor(context, name), context.hub.clock.nowMs()),
  ),
  set: os.monitor.set.handler(async ({ context, input: { name, spec } }) => {
    const { hub, organisationId, caller } = context
    const nowMs = hub.clock.nowMs()
    await context.change(async (tx, note) => {
      const model = await findModel(tx, { organisationId, name })
      if (!model) throw problem('model_unknown')
      if (!kinds[model.kind].serves)
        throw problem('monitor_refused', `${name} is a ${model.kind}; only models are monitored`)
      if ((await listMonitors(tx, { organisationId, limit: MONITORS_MAX, after: undefined })).length >= MONITORS_MAX)
        throw problem('monitor_refused', `an organisation has at most ${MONITORS_MAX} monitors`)
      note.object.id = name
      note.detail = { ...spec }
      await saveMonitor(tx, { organisationId, spec: { ...spec, model: name }, nowMs, by: caller.name })
    })
    hub.bus.publish('monitors.changed', organisationId)
    return monitorOf(hub.store.db, await knownMonitor(context, name), nowMs)
  }),
  remove: os.monitor.remove.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    await context.change(async (tx) => {
      if (!(await deleteMonitor(tx, organisationId, name))) throw problem('monitor_unknown')
    })
    hub.bus.publish('monitors.changed', organisationId)
    return {}
  }),
  series: os.monitor.series.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const row = await knownMonitor(context, input.name)
    const { toMs = hub.clock.nowMs() } = input
    const { fromMs = Math.max(0, toMs - DAY_MS) } = input
    if (toMs <= fromMs) throw problem('input_invalid', 'toMs must be later than fromMs')
    const profiles = await profilesOf(hub.store.db, organisationId, input.name)
    const profile = profiles.find(({ version }) => version === (input.version ?? version))
    if (!profile) return { version: input.version ?? 1, features: [], points: [] }
    return stabilitySeries(hub.store.db, { row, profile, fromMs, toMs })
  }),
}

export const profileHandlers = {
  make: os.profile.make.handler(async ({ context, input: { name, version, data } }) => {
    const { hub, organisationId, caller } = context
    const row = await knownVersion(hub.store.db, { organisationId, name }, version)
    if (!bomOf(await versionDetailOf(hub.store.db, row), row, hub.config.version)) throw problem('version_not_model')
    const profile = await makeProfile(hub, row, data, hub.signal)
    const digest = digestOf(canonicalJson(profile))
    const made = {
      version_id: row.id,
      organisation_id: organisationId,
      digest,
      profile: toJson(profile),
      made_at_ms: hub.clock.nowMs(),
      made_by: caller.name,
    }
    await context.change(async (tx, note) => {
      note.object.id = `${row.name}:${row.version}`
      note.detail = { digest, origin: profile.origin, rows: profile.rows }
      await saveProfile(tx, made)
    })
    hub.bus.publish('monitors.changed', organisationId)
    return summaryOf({ ...made, name: row.name, version: row.version })
  }),
  get: os.profile.get.handler(async ({ context, input: { name, version } }) => {
    const row = await knownVersion(context.hub.store.db, { organisationId: context.organisationId, name }, version)
    const profiles = await profilesOf(context.hub.store.db, context.organisationId, row.name)
    const found = profiles.find((one) => one.version === row.version)
    if (!found) throw problem('profile_unknown')
    return profileIn(found)
  }),
}
