/** Fleet fit: the devices that meet the needs of a listing, and the reasons of the others. */
import type { FleetFit } from '@skerry/contract/market/installation'
import type { ListingNeeds } from '@skerry/contract/market/listing'
import type { SelectorFacts } from '../selectors/selector.ts'

type Facts = Pick<SelectorFacts['device'], 'arch' | 'capabilities' | 'memoryMb' | 'cpus'>

/** More reasons than a listing has needs do not occur; this bounds the answer. */
const REASONS_MAX = 20

const MEBIBYTE = 1_048_576

/** The first need that a device does not meet. A device that has reported nothing may or may not fit. */
export function unmetNeed(needs: ListingNeeds, device: Facts): string | undefined {
  const { arch, memoryMb, cpus: deviceCpus } = device
  if (arch === undefined || memoryMb === undefined || deviceCpus === undefined)
    return 'they have not reported their hardware yet'
  const { architectures = [], capabilities = [], memoryBytes = 0, cpus = 0 } = needs
  if (architectures.length > 0 && !architectures.includes(arch)) {
    return `their processor is not ${architectures.join(' or ')}`
  }
  const missing = capabilities.find((capability) => !device.capabilities.includes(capability))
  if (missing !== undefined) return `they cannot run "${missing}"`
  const neededMb = Math.ceil(memoryBytes / MEBIBYTE)
  if (memoryMb < neededMb) return `they have less than ${neededMb} MiB of memory`
  return deviceCpus < cpus ? `they have fewer than ${cpus} processors` : undefined
}

/** Counts the selected devices, one at a time. */
export function countFit(needs: ListingNeeds): { add(device: Facts): void; fit(): FleetFit } {
  const reasons = new Map<string, number>()
  let selected = 0
  let fitting = 0
  return {
    add(device) {
      selected += 1
      const reason = unmetNeed(needs, device)
      if (reason === undefined) fitting += 1
      else reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    },
    fit: () => ({
      selected,
      fitting,
      unmet: [...reasons]
        .map(([reason, count]) => ({ reason, count }))
        .toSorted((a, b) => b.count - a.count)
        .slice(0, REASONS_MAX),
    }),
  }
}

/** "runs on 212 of 240 devices, because 28 ...". */
export function fitText({ selected, fitting, unmet }: FleetFit): string {
  const devices = `${fitting} of ${selected} ${selected === 1 ? 'device' : 'devices'}`
  if (selected === 0) return 'the selector picks no device'
  if (unmet.length === 0) return `runs on ${devices}`
  return `runs on ${devices}, because of the others ${unmet.map(({ reason, count }) => `${count}: ${reason}`).join('; ')}`
}
