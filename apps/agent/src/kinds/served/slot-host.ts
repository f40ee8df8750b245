/**
 * Served slot host: models that an app answers for, in the model host of a runner. So requests, golden cases, shadows,
 * monitors, captures and figures are those of a native model.
 */
import type { RemoteModel } from '@skerry/inference/remote/remote-model'
import type { SlotHost } from '../slot-host.ts'

/** The host of the models does all but the load. It also reports the figures, and closes all slots. */
export const servedSlotHost = (
  host: { load(order: { slot: string; remote: RemoteModel } & Loading): Promise<{ ok: true } | Refused> },
  models: Omit<SlotHost<unknown>, 'load'>,
): SlotHost<RemoteModel> => ({
  ...models,
  async load({ slot, settings, workerBytes }, remote, signal) {
    const loaded = await host.load({
      slot,
      remote,
      label: slot.slice(0, slot.lastIndexOf('/')),
      settings,
      ...(workerBytes !== undefined && { workerBytes }),
      signal,
    })
    return loaded.ok ? { ok: true } : loaded
  },
  pulses: () => [],
  close: async () => undefined,
})

type Loading = Omit<Parameters<SlotHost<unknown>['load']>[0], 'cell'> & { label: string; signal: AbortSignal }
type Refused = { ok: false; code: string; message: string }
