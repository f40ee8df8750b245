/** Procedures on pending devices, and on the rules that decide about them. */
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { readJoiningRules, writeJoiningRules } from './joining-rules.ts'
import { waitingDeviceOf, waitingDevices } from './origin-store.ts'

export const waitingHandlers = {
  waiting: os.device.waiting.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await waitingDevices(hub.store.db, { organisationId, limit: limit + 1, after })
    return pageFrom(rows.map(waitingDeviceOf), limit, ({ name }) => name)
  }),
  joiningRules: os.device.joiningRules.handler(({ context: { hub, organisationId } }) =>
    readJoiningRules(hub.store.db, organisationId),
  ),
  setJoiningRules: os.device.setJoiningRules.handler(({ context, input }) =>
    context.change(async (tx, note) => {
      await writeJoiningRules(tx, context.organisationId, input)
      note.object = { kind: 'organisation', id: context.organisationId }
      note.detail = input
      return input
    }),
  ),
}
