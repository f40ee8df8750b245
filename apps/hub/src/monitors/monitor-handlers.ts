/** Handlers of the procedures on monitors. */
import { kinds } from '@skerry/contract/kinds/kinds'
import type { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { sourceIn } from '@skerry/contract/monitors/subject'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { repeatedAction } from '@skerry/core/monitors/actions'
import { permissionsOfCaller } from '@skerry/core/people/access'
import { windowProblem } from '@skerry/platform/process/window-starts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { findModel } from '../models/version-store.ts'
import type { Tx } from '../store/store.ts'
import { actionProblem, grantProblem } from './action-problems.ts'
import { visibleRollouts } from './history/marked-rollouts.ts'
import { deleteHolds } from './hold-store.ts'
import { deleteMonitor, findMonitor, listMonitors, profilesOf, saveMonitor, specIn } from './monitor-store.ts'
import { listedMonitorOf, monitorOf, stabilitySeries } from './monitor-view.ts'
import { watchSource } from './sources/watched-source.ts'

/** Each is looked at on the list, and each of its models has windows. */
const MONITORS_MAX = 1_000

const DAY_MS = 86_400_000

type Looking = Pick<KeyCall, 'hub' | 'organisationId'>

/** Throws the contract's problem if there is none. */
export async function knownMonitor({ hub, organisationId }: Looking, name: string) {
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
      await admitSubject(tx, { organisationId, name, spec, nowMs, by: caller.name })
      if ((await listMonitors(tx, { organisationId, limit: MONITORS_MAX, after: undefined })).length >= MONITORS_MAX)
        throw problem('monitor_refused', `an organisation has at most ${MONITORS_MAX} monitors`)
      const before = await findMonitor(tx, organisationId, name)
      const actions = before ? specIn(before.spec).actions : []
      const trouble =
        grantProblem(actions, spec.actions, permissionsOfCaller(caller)) ??
        (await specProblem(tx, { organisationId, model: name }, spec))
      if (trouble !== undefined) throw problem('monitor_refused', trouble)
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
      // Without the monitor nothing would ever release them.
      await deleteHolds(tx, { organisationId, model: name })
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
    const series = await stabilitySeries(hub.store.db, { row, profile, fromMs, toMs })
    return { ...series, rollouts: await visibleRollouts(context, series.rollouts ?? []) }
  }),
}

type Subject = { organisationId: OrganisationId; name: string; spec: SetSpec; nowMs: number; by: string }

type SetSpec = Omit<MonitorSpec, 'model'>

/** Throws if it can have no monitor. A source is watched from now on. */
async function admitSubject(tx: Tx, { organisationId, name, ...rest }: Subject): Promise<void> {
  const source = sourceIn(name)
  const trouble =
    source === undefined
      ? await modelTrouble(tx, { organisationId, name, ...rest })
      : await watchSource(tx, { organisationId, source, ...rest })
  if (trouble !== undefined) throw problem('monitor_refused', trouble)
}

async function modelTrouble(tx: Tx, { organisationId, name, spec }: Subject): Promise<string | undefined> {
  const model = await findModel(tx, { organisationId, name })
  if (!model) throw problem('model_unknown')
  if (!kinds[model.kind].serves) return `${name} is a ${model.kind}; only models and sources are monitored`
  return spec.tags ? 'a model has no tags; only the monitor of a source names them' : undefined
}

/** The reason why the rules cannot count; undefined if they can. */
async function specProblem(
  tx: Tx,
  place: { organisationId: OrganisationId; model: string },
  { actions, quietTimes }: Pick<MonitorSpec, 'actions' | 'quietTimes'>,
): Promise<string | undefined> {
  const repeated = repeatedAction(actions)
  if (repeated !== undefined) return `the action "${repeated}" is there twice; give it once`
  const window = quietTimes.map(windowProblem).find((found) => found !== undefined)
  if (window !== undefined) return `a quiet time is invalid: ${window}`
  return actionProblem(tx, place, actions)
}
