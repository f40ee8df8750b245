/** Rehearsal order: the files through which a certifier and the process of a run talk. */
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import type { Flow } from '@skerry/contract/flows/flow'
import type { SimulatorSource } from '@skerry/contract/sources/source'
import type { Rehearsed } from '@skerry/core/market/checks/check-behaviour'

export type RehearsalOrder = {
  seconds: number
  flows: { item: string; flow: Flow }[]
  sources: SimulatorSource[]
  models: { item: string; name: string; path: string; golden: GoldenInputs | undefined }[]
  /** Whether the process is cut off from the network, so that the kernel's counters are its own. */
  isAlone: boolean
}

/** In the folder of the run. */
export const ORDER_FILE = 'order.json'
export const RESULT_FILE = 'result.json'

/** The process prints this line when everything is loaded, just before the samples run. */
export const RUNNING = 'running'

export type RehearsalResult = Rehearsed
