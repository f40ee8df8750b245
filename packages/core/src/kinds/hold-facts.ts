/** Hold facts: the facts by which a kind decides whether an item has to wait on the device. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ItemState } from '@skerry/contract/devices/item'
import type { FlowFacts } from '../device/flow-hold.ts'

export type LifeInHold = { state: ItemState; target: DesiredItem }

export type HoldFacts = {
  /** Absent where there are no flows. */
  flows?: FlowFacts
  /** The versions in the runner's memory; absent while the runner is down. */
  loaded?: readonly { item: DesiredItem; servingSinceMs?: number }[]
}
