/** Item target: whether a record has taken the newest word of the hub about its item already. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { canonicalJson } from '../values/canonical-json.ts'
import { type ItemLife, isSameLoad } from './item-life.ts'

/** Whether nothing of the item is news to the record. */
export function isTargeted(life: ItemLife | undefined, item: DesiredItem): boolean {
  if (!life || life.state === 'retiring') return false
  const { target } = life
  return (
    isSameLoad(target, item) &&
    target.retryToken === item.retryToken &&
    target.revision === item.revision &&
    target.deploymentId === item.deploymentId &&
    target.probation.seconds === item.probation.seconds &&
    target.probation.failureRateMax === item.probation.failureRateMax &&
    target.hold === item.hold &&
    target.keepSeconds === item.keepSeconds &&
    isSameJson(target.spec, item.spec) &&
    isSameJson(target.window, item.window) &&
    target.ignoreLocks === item.ignoreLocks
  )
}

const isSameJson = (one: object | undefined, other: object | undefined) =>
  one === other || canonicalJson(one ?? null) === canonicalJson(other ?? null)
