/**
 * Lossy network: brings messages between one hub and its devices, each after a delay of its own, so that they overtake each other; and some twice,
 * and some never. A device can be cut off, which whoever sends is told of; or a line of its can fall silent, which nobody is: only timeouts notice. It
 * knows nothing of what the messages say.
 */

/** Shares are of all messages; the delay is drawn evenly between the two. */
export type NetworkFaults = { lost: number; doubled: number; delayMs: readonly [min: number, max: number] }

/** Brings the message to or from the device: `arrive` is called once, twice or never, `lost` where it never is. */
export type Send = (device: string, arrive: () => void, lost?: () => void) => void

export type LossyNetwork = {
  /** How it behaves from now on. */
  behave(faults: NetworkFaults): void
  send: Send
  /** A way for messages of one connection of the device: as `send`, until it falls silent. */
  line(device: string): Line
  /** [NAT] What stands between has forgotten the lines that there are: what is sent over them is gone, and nobody is told, not even of an end. */
  silence(device: string): void
  /** Nothing passes to or from the device any more, not even what is under way. */
  cut(device: string): void
  heal(device: string): void
  isCut(device: string): boolean
}

export type Line = { send(arrive: () => void, lost?: () => void): void; isSilent(): boolean }

export type LossyNetworkDeps = { after(ms: number, work: () => void): unknown; random: () => number }

/** A network on a fast line that loses nothing. */
export const FAULTLESS: NetworkFaults = { lost: 0, doubled: 0, delayMs: [1, 20] }

/** Behaves well until told otherwise. */
export function createLossyNetwork({ after, random }: LossyNetworkDeps): LossyNetwork {
  let faults = FAULTLESS
  const cutOff = new Set<string>()
  const silences = new Map<string, number>()
  const delayMs = () => faults.delayMs[0] + (faults.delayMs[1] - faults.delayMs[0]) * random()
  const send: Send = (device, arrive, lost = () => {}) => {
    const bring = () => (cutOff.has(device) ? lost() : arrive())
    // Drawn whatever becomes of the message, so that the others' chances do not depend on it.
    const isLost = random() < faults.lost
    const isDoubled = random() < faults.doubled
    if (isLost || cutOff.has(device)) after(delayMs(), lost)
    else after(delayMs(), bring)
    if (isDoubled && !isLost) after(delayMs(), () => void (cutOff.has(device) || arrive()))
  }
  return {
    behave(next) {
      faults = next
    },
    send,
    line(device) {
      const madeIn = silences.get(device) ?? 0
      const isSilent = () => (silences.get(device) ?? 0) > madeIn
      const heard = (work: () => void) => () => void (isSilent() || work())
      return { isSilent, send: (arrive, lost = () => {}) => send(device, heard(arrive), heard(lost)) }
    },
    silence: (device) => void silences.set(device, (silences.get(device) ?? 0) + 1),
    cut: (device) => void cutOff.add(device),
    heal: (device) => void cutOff.delete(device),
    isCut: (device) => cutOff.has(device),
  }
}
