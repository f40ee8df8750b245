/** Flow writes: what the flows of this runner wrote to tags since control was last told, a sum for each flow and tag. Control writes it down. */
import {
  addedWrites,
  type FlowWrite,
  type FlowWriteSum,
  sumOfWrite,
  writeKey,
  writeWords,
} from '@skerry/core/flow/write-sum'

/** What was forgotten counts as a change when it is written again. */
const KNOWN_MAX = 10_000

export type FlowWrites = {
  note(write: FlowWrite): void
  /** Since the last time. */
  take(): FlowWriteSum[]
}

/** None yet. */
export function createFlowWrites(): FlowWrites {
  const said = new Map<string, string>()
  const sums = new Map<string, FlowWriteSum>()
  return {
    note(write) {
      const key = writeKey(write)
      sums.set(key, addedWrites(sums.get(key), sumOfWrite(write, said.get(key))))
      const [oldest] = said.keys()
      if (oldest !== undefined && said.size >= KNOWN_MAX) said.delete(oldest)
      said.set(key, writeWords(write))
    },
    take() {
      const taken = [...sums.values()]
      sums.clear()
      return taken
    },
  }
}
