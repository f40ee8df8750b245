/**
 * DDI report: the report that an agent would send, from the record of a device without one. So rollouts, gates, lists
 * and histories need no rule for such devices.
 */
import type { DesiredDocument, DesiredItem } from '@skerry/contract/devices/desired'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { Cause, ItemReport, ItemState } from '@skerry/contract/devices/item'
import { kinds } from '@skerry/contract/kinds/kinds'
import type { UpdateHold } from '../device/update-hold.ts'
import { type DdiAction, type DdiRecord, failureOfTarget, isInstalled, isSameAttempt, targetOf } from './ddi-record.ts'
import { imageOf, wantedImage } from './ddi-step.ts'

export type DdiReportFacts = {
  record: DdiRecord
  document: DesiredDocument | undefined
  hold?: UpdateHold | undefined
  deviceId: string
  controllerId: string
  nowMs: number
}

/** The software that a device list shows for these devices. */
export const DDI_SOFTWARE = 'DDI'

type Standing = Pick<ItemReport, 'state' | 'sinceMs' | 'cause' | 'opensAtMs' | 'figures'>

/** The report of this moment. The numbers of the machine are unknown; readers know that by `ddi`. */
export function ddiReport(facts: DdiReportFacts): DeviceReport {
  const { record, document, deviceId, controllerId, nowMs } = facts
  const items = (document?.items ?? []).map((item) => itemReport(item, facts))
  const isGood = document !== undefined && items.every(({ state }) => state === 'active')
  return {
    v: 1,
    atMs: nowMs,
    agentVersion: DDI_SOFTWARE,
    // The device does not report its starts.
    bootId: deviceId.slice(0, 64),
    observedGeneration: document?.generation ?? 0,
    ...(document && { observedDigest: document.digest }),
    lastGoodGeneration: isGood ? document.generation : record.lastGood,
    conditions: [],
    endpoints: {},
    inventory: {
      hostname: (record.attributes?.hostname ?? controllerId).slice(0, 253),
      arch: '',
      os: '',
      cpuModel: '',
      cpuCount: 1,
      memoryBytes: 0,
      diskFreeBytes: 0,
      capabilities: [kinds.os.capability],
      opsetMax: 1,
      ddi: true,
    },
    items,
  }
}

function itemReport(item: DesiredItem, facts: DdiReportFacts): ItemReport {
  const { record, document } = facts
  const { name, deploymentId, revision, version, digest, retryToken } = targetOf(item)
  const isWanted = wantedImage(document?.items ?? [])?.name === name
  const { installed } = record
  return {
    kind: item.kind,
    name,
    deploymentId,
    target: { revision, version, digest, retryToken },
    ...(isWanted ? standingOf(item, facts) : rejected(item, facts)),
    ...(installed?.name === name && { serving: { version: installed.version, digest: installed.digest } }),
  }
}

const SECOND: Cause = {
  code: 'ddi_second_image',
  message: 'a device without an agent installs one image, and another deployment brings it one; remove a deployment',
}

const FORMAT: Cause = {
  code: 'os_format_refused',
  message: 'a device without an agent takes images of SWUpdate only; deploy this version to devices with an agent',
}

const rejected = (item: DesiredItem, { record, nowMs }: DdiReportFacts): Standing => ({
  state: 'failed',
  sinceMs: record.secondSinceMs ?? nowMs,
  cause: imageOf(item) === undefined ? FORMAT : SECOND,
})

function standingOf(item: DesiredItem, { record, hold, nowMs }: DdiReportFacts): Standing {
  const target = targetOf(item)
  const { action, installed } = record
  if (action && isSameAttempt(action.target, target)) return underWay(action)
  if (action) return { state: 'fetching', sinceMs: action.sinceMs, cause: ENDING }
  if (installed && isInstalled(record, target)) {
    const provenAtMs = installed.sinceMs + item.probation.seconds * 1_000
    const isProven = nowMs >= provenAtMs
    return { state: isProven ? 'active' : 'probation', sinceMs: isProven ? provenAtMs : installed.sinceMs }
  }
  const failure = failureOfTarget(record, target)
  if (failure) return { state: 'failed', sinceMs: failure.atMs, cause: failure.cause }
  const sinceMs = record.waiting?.sinceMs ?? nowMs
  if (!hold) return { state: 'fetching', sinceMs }
  return {
    state: 'fetching',
    sinceMs,
    cause: hold.cause,
    ...(hold.untilMs !== undefined && { opensAtMs: hold.untilMs }),
  }
}

const ENDING: Cause = {
  code: 'ddi_cancelling',
  message: 'the device first ends its earlier installation, or answers that it has cancelled it',
}

const ASKED: Cause = { code: 'ddi_asked', message: 'the device waits until its owner accepts the image' }

/** The states of an item, in its own order. */
const STATES: Readonly<Record<DdiAction['state'], ItemState>> = {
  asked: 'fetching',
  offered: 'fetching',
  downloading: 'fetching',
  downloaded: 'verifying',
  installing: 'loading',
  cancelling: 'fetching',
}

function underWay({ state, sinceMs, percent }: DdiAction): Standing {
  const cause = state === 'asked' ? ASKED : state === 'cancelling' ? ENDING : undefined
  return {
    state: STATES[state],
    sinceMs,
    ...(cause && { cause }),
    ...(percent !== undefined && { figures: { percent } }),
  }
}
