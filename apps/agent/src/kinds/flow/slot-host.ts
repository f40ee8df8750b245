/** Flow slot host: the flow slots of a runner. */
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { FlowSlots } from '../../runner/flows/flow-slots.ts'
import type { RunnerAnswer } from '../../runner/runner-message.ts'
import type { SlotHost } from '../slot-host.ts'

export const flowSlotHost = (flows: FlowSlots): SlotHost<SourceFile> => ({
  load: async ({ slot }, file) => flows.load(slot, file),
  golden: async (slot, { golden, recording }, signal) =>
    recording ? flows.golden(slot, { golden, recording }, signal) : NO_RECORDING,
  activate: flows.activate,
  deactivate: flows.deactivate,
  unload: flows.unload,
  pulses: flows.pulses,
  close: flows.close,
})

const NO_RECORDING: RunnerAnswer = {
  ok: false,
  code: 'flow_trial_failed',
  message: 'the version has golden outputs, but no recording of the inputs for them',
}
