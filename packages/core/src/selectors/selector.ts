/**
 * Selectors: CEL expressions over `device` and `site` that pick devices.
 *
 *     device.labels.line == "a" && site.country in ["DE", "FR"] && device.memoryMb >= 2048
 *         && site.clearance >= "internal"
 *
 * A missing value (a label, a region, the inventory of a device that never reported) is null, not an error: null equals
 * nothing but null, every order comparison and text function with it is false, and `has()` detects it. So
 * `device.labels.line == "a"` is false on a device without the label, and `!(device.labels.line == "a")` and
 * `device.labels.line != "a"` are true. After any other error on one device, the selector is false there, and `judge`
 * says why. A text that cannot work on any device is rejected when it is compiled: each part whose truth decides must
 * give true or false on a sample device. Cost is bounded (expression.ts).
 */
import { Capability, type DeviceStatus } from '@skerry/contract/devices/device'
import type { SiteKind } from '@skerry/contract/sites/site'
import type { Clearance } from '@skerry/contract/values/clearance'
import { compileExpression, type Verdict } from '../language/expression.ts'

/** The fields of one device and its site that a selector may use. An absent one is null in the expression. */
export type SelectorFacts = {
  device: {
    id: string
    name: string
    labels: Readonly<Record<string, string>>
    arch?: string | undefined
    os?: string | undefined
    cpus?: number | undefined
    memoryMb?: number | undefined
    capabilities: readonly string[]
    status: DeviceStatus
    online: boolean
    /** Read by the device because of its settings. */
    facts?: Readonly<Record<string, string>> | undefined
    /** The line to the hub, as the device measured it or its operator stated it. */
    metered?: boolean | undefined
    bandwidthMbps?: number | undefined
    lossPercent?: number | undefined
    /** The operator of the computer states them. They do not replace those of the site. */
    statedClearance?: Clearance | undefined
    statedCountry?: string | undefined
  }
  site: {
    name: string
    kind: SiteKind
    country?: string | undefined
    region?: string | undefined
    labels: Readonly<Record<string, string>>
    clearance: Clearance
  }
}

/** Whether the device is picked. `problem` is set if the expression failed on it, which counts as false. */
export type SelectorVerdict = Verdict

export type Selector = {
  ok: true
  judge: (facts: SelectorFacts) => SelectorVerdict
  matches: (facts: SelectorFacts) => boolean
}
export type SelectorRefusal = { ok: false; code: 'selector_invalid'; message: string }

/** Compiles the text once for any number of devices. */
export function compileSelector(text: string): Selector | SelectorRefusal {
  const compiled = compileExpression(text, { noun: 'selector', sample: SAMPLE })
  if (!compiled.ok) {
    const message = `not a selector over device and site: ${compiled.problem}`
    return { ok: false, code: 'selector_invalid', message }
  }
  const { judge } = compiled
  return { ok: true, judge, matches: (facts) => judge(facts).matches }
}

const SAMPLE: SelectorFacts = {
  device: {
    id: 'dev_aaaaaaaa',
    name: 'sample',
    labels: {},
    arch: 'x64',
    os: 'linux',
    cpus: 4,
    memoryMb: 4096,
    capabilities: Capability.options,
    status: 'active',
    online: true,
    facts: {},
    metered: false,
    bandwidthMbps: 100,
    lossPercent: 0,
    statedClearance: 'internal',
    statedCountry: 'DE',
  },
  site: { name: 'sample', kind: 'edge', country: 'DE', region: 'sample', labels: {}, clearance: 'internal' },
}
