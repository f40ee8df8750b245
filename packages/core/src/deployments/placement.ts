/**
 * Placement: whether a deployment picks a device, and why not. The checks run in order, and the first that fails
 * decides. An unknown fact about a device does not exclude it: the device decides last (design, law 4).
 */
import type { Inventory } from '@skerry/contract/devices/device'
import { kinds, type VersionKind } from '@skerry/contract/kinds/kinds'
import type { HostedRuntime } from '@skerry/contract/models/hosted-model'
import { rulesOf } from '../kinds/kinds.ts'
import type { DataViolation } from '../places/data-class.ts'
import type { Selector, SelectorFacts } from '../selectors/selector.ts'
import { sizeText } from '../values/size-text.ts'
import { type PlacementAnswer as Answer, passed } from './placement-answer.ts'

/** A device as the checks see it. */
export type PlacementFacts = {
  facts: SelectorFacts
  /** Absent before the device has sent its inventory. */
  inventory?: Pick<Inventory, 'capabilities' | 'opsetMax' | 'diskFreeBytes' | 'ddi' | 'runtimes'> | undefined
  /** The deployment that owns the model's name here already; absent if none or this one does. */
  owner?: string | undefined
  /** Bytes of the version that the device does not have. */
  missingBytes: number
  /** The rule of data that the deployment would break here. */
  dataViolation?: DataViolation | undefined
  /** Whether the policy of the placement has picked it, and why; absent if there is no policy. */
  placed?: boolean | undefined
  /** The reason of the policy, if the caller has asked for it. */
  placeReason?: string | undefined
}

/** The needs of a deployment. */
export type PlacementNeeds = {
  selector: Pick<Selector, 'judge'>
  deployable: string
  kind: VersionKind
  opset: number
  /** The app that loads the files of the version; undefined if it needs none. */
  runtime?: HostedRuntime | undefined
  /** The versions that devices get in place of it, if it is a system release. */
  parts?: readonly { name: string; kind: VersionKind }[] | undefined
}

/** `code` is for programs, `detail` for people. */
export type PlacementCheck = { check: string; passed: boolean; code: string; detail: string }

const questions: readonly [string, (device: PlacementFacts, needs: PlacementNeeds) => Answer | undefined][] = [
  ['selector', isSelected],
  ['status', isActive],
  ['capability', isCapable],
  ['opset', hasOpset],
  ['runtime', hasRuntime],
  ['data', mayHandle],
  ['owner', isFree],
  ['disk', hasRoom],
  ['placement', isPicked],
]

/** The checks up to the first that fails; the device is picked when all have passed. */
export function checkPlacement(device: PlacementFacts, needs: PlacementNeeds): PlacementCheck[] {
  const checks: PlacementCheck[] = []
  for (const [check, ask] of questions) {
    const answer = ask(device, needs)
    if (!answer) continue
    const hasPassed = 'passed' in answer
    checks.push({ check, passed: hasPassed, code: hasPassed ? 'passed' : answer.code, detail: answer.detail })
    if (!hasPassed) break
  }
  return checks
}

/** Why the device is not picked; undefined when it is. */
export function placementProblem(device: PlacementFacts, needs: PlacementNeeds): PlacementCheck | undefined {
  return checkPlacement(device, needs).find((check) => !check.passed)
}

function isSelected({ facts }: PlacementFacts, { selector }: PlacementNeeds): Answer {
  const { matches, problem } = selector.judge(facts)
  if (matches) return passed('the selector picks it')
  if (problem === undefined) return { code: 'selector_mismatch', detail: 'the selector does not pick it' }
  return { code: 'selector_failed', detail: `the selector fails on it, so it does not match: ${problem}` }
}

function isActive({ facts: { device } }: PlacementFacts): Answer {
  switch (device.status) {
    case 'active':
      return passed('the device takes part in deployments')
    case 'pending':
      return { code: 'device_pending', detail: 'the device waits for approval; run "skerry device approve"' }
    case 'conflict-paused': {
      const detail = 'the device follows a newer desired state than this hub issued; run "skerry device resume"'
      return { code: 'device_conflict_paused', detail }
    }
    case 'quarantined':
      return {
        code: 'device_quarantined',
        detail: 'the device is in quarantine; run "skerry device release"',
      }
    case 'wiping':
    case 'wiped':
      return { code: 'device_revoked', detail: 'the device is wiped' }
    case 'revoked':
      return { code: 'device_revoked', detail: 'the device has been revoked' }
  }
}

function isCapable({ inventory }: PlacementFacts, { kind, parts = [] }: PlacementNeeds): Answer {
  if (!inventory) return passed('the capabilities of the device are not known yet')
  const { capabilities } = inventory
  const isMissing = (one: VersionKind) => !capabilities.includes(kinds[one].capability)
  if (parts.length === 0 && isMissing(kind)) return { code: 'capability_missing', detail: rulesOf(kind).capable.no }
  const wrong = parts.find((part) => isMissing(part.kind))
  if (!wrong) return passed(rulesOf(kind).capable.yes)
  return { code: 'capability_missing', detail: `its part ${wrong.name}: ${rulesOf(wrong.kind).capable.no}` }
}

function hasOpset({ inventory }: PlacementFacts, { kind, opset }: PlacementNeeds): Answer {
  return rulesOf(kind).fit({ opset }, inventory)
}

/** Undefined if the version needs no app. An app that is deployed later lets the device in by its next report. */
function hasRuntime({ inventory }: PlacementFacts, { runtime }: PlacementNeeds): Answer | undefined {
  if (!runtime) return undefined
  if (!inventory) return passed('the apps of the device are not known yet')
  const { app, version } = runtime
  const present = (inventory.runtimes ?? []).filter((one) => one.app === app).map((one) => one.version)
  if (version === undefined ? present.length > 0 : present.includes(version))
    return passed(`its app ${app} loads the files of the model`)
  const code = 'runtime_missing'
  if (present.length === 0) {
    const detail = `the device has no release of the app ${app} with a model repository; run "skerry deploy ${app}" first`
    return { code, detail }
  }
  const detail = `the device has release ${present.join(' and ')} of the app ${app}, and the model needs ${version}; run "skerry deploy ${app}:${version}" first`
  return { code, detail }
}

/** Undefined if no rule of data is broken: most fleets classify nothing. */
function mayHandle({ dataViolation }: PlacementFacts): Answer | undefined {
  return dataViolation && { code: dataViolation.code, detail: dataViolation.message }
}

function isFree({ owner }: PlacementFacts, { deployable }: PlacementNeeds): Answer {
  if (owner === undefined) return passed(`no other deployment owns the name ${deployable} here`)
  return {
    code: 'model_owned',
    detail: `the older deployment ${owner} owns the name ${deployable} on the device and keeps it`,
  }
}

function hasRoom({ inventory, missingBytes }: PlacementFacts): Answer {
  if (!inventory) return passed('the free space of the device is not known yet')
  if (inventory.ddi) return passed('a device without an agent reports no free space')
  const needs = `the version needs ${sizeText(missingBytes)} more`
  const free = `${sizeText(inventory.diskFreeBytes)} were free at its last report`
  return inventory.diskFreeBytes >= missingBytes
    ? passed(`${needs}, and ${free}`)
    : {
        code: 'disk_insufficient',
        detail: `${needs}, but only ${free}; free disk space`,
      }
}

/** Undefined if there is no policy. */
function isPicked({ placed, placeReason }: PlacementFacts): Answer | undefined {
  if (placed === undefined) return undefined
  if (placed) return passed(`the placement policy picks it${placeReason === undefined ? '' : `: ${placeReason}`}`)
  const detail = `the placement policy does not pick it${placeReason === undefined ? '' : `: ${placeReason}`}`
  return { code: 'not_placed', detail }
}
