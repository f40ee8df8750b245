/** Model slot host: the model host of a runner, with the facts that flows read from models. */
import type { Golden } from '@skerry/contract/devices/golden'
import { USUAL_TOLERANCE } from '@skerry/core/device/proof/golden'
import { type ModelSource, readSource, type SourceFile } from '@skerry/inference/runtime/model-source'
import type { ExpectantHost } from '../../runner/equipment/expectant-host.ts'
import type { FactsOfModels } from '../../runner/flows/model-facts.ts'
import { checkGolden } from '../../runner/golden-check.ts'
import { markOf } from '../../runner/run-marks.ts'
import { pulseOf } from '../../runner/slot-pulse.ts'
import type { SlotHost } from '../slot-host.ts'

type ModelSlotsDeps = {
  host: ExpectantHost
  facts: FactsOfModels
  /** Another version answers from now on. */
  onActivated(): void
}

export const modelSlotHost = ({ host, facts, onActivated }: ModelSlotsDeps): SlotHost<ModelSource> => ({
  async load({ slot, settings, cell, workerBytes }, source, signal) {
    const mark = cell === undefined ? undefined : markOf(cell)
    const loaded = await host.load({ ...source, slot, label: labelOf(slot), settings, mark, workerBytes, signal })
    if (!loaded.ok) return loaded
    facts.note(slot, source)
    return { ok: true }
  },
  golden: (slot, { golden }, signal) => checkGolden(readGolden(golden), (cases) => host.golden(slot, cases, signal)),
  mirror({ slot, name, rules, golden }) {
    const stored = rules.tolerance || golden === undefined ? undefined : readGolden(golden)
    const tolerance = rules.tolerance ?? stored?.tolerance ?? USUAL_TOLERANCE
    return host.mirror({ slot, name, share: rules.share, tolerance })
  },
  activate(order) {
    const activated = host.activate(order)
    if (activated.ok) onActivated()
    return activated
  },
  deactivate: async (name) => host.deactivate(name),
  unload(slot) {
    facts.forget(slot)
    return host.unload(slot)
  },
  pulses: () => host.stats().map(pulseOf),
  close: host.close,
})

/** The model and its version. Control adds a number to them, because it may load a version twice. */
const labelOf = (slot: string) => slot.slice(0, slot.lastIndexOf('/'))

/**
 * The hub's parser wrote it, the hub signed it, and control has checked its digest: parsing it again would only cost 8
 * MB of zod.
 */
const readGolden = (file: SourceFile): Golden => JSON.parse(Buffer.from(readSource(file)).toString('utf8'))
