/** Handlers of the procedures that restrain a monitor: mutes, and the release of flows that it holds. */
import type { Mute } from '@skerry/contract/monitors/monitor'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { deleteHolds } from './hold-store.ts'
import { knownMonitor } from './monitor-handlers.ts'
import { saveMute } from './monitor-store.ts'
import { monitorOf } from './monitor-view.ts'

export const restraintHandlers = {
  mute: os.monitor.mute.handler(({ context, input: { name, seconds, reason } }) => {
    const untilMs = context.hub.clock.nowMs() + seconds * 1_000
    return changeMute(context, name, { untilMs, reason, by: context.caller.name })
  }),
  unmute: os.monitor.unmute.handler(({ context, input: { name } }) => changeMute(context, name, undefined)),
  release: os.monitor.release.handler(async ({ context, input: { name, flow, reason } }) => {
    const { hub, organisationId } = context
    await context.change(async (tx, note) => {
      note.object.id = name
      note.detail = { flow, reason }
      if ((await deleteHolds(tx, { organisationId, model: name, flow })) === 0) throw problem('hold_unknown')
    })
    hub.bus.publish('monitors.changed', organisationId)
    return shown(context, name)
  }),
}

async function changeMute(call: KeyCall, name: string, mute: Mute | undefined) {
  await call.change(async (tx, note) => {
    note.object.id = name
    if (mute) note.detail = { reason: mute.reason, untilMs: mute.untilMs }
    if (!(await saveMute(tx, { organisationId: call.organisationId, model: name }, mute)))
      throw problem('monitor_unknown')
  })
  return shown(call, name)
}

const shown = async (call: KeyCall, name: string) =>
  monitorOf(call.hub.store.db, await knownMonitor(call, name), call.hub.clock.nowMs())
