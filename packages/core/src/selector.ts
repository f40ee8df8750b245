/**
 * Selectors: CEL expressions over `device` and `site` that pick devices.
 *
 *     device.labels.line == "a" && site.country in ["DE", "FR"] && device.memoryMb >= 2048 && site.clearance >= "internal"
 *
 * What is missing (a label, a region, the inventory of a device that never reported) is null, not an error: null equals nothing but null,
 * every order comparison and text function with it is false, and `has()` tells. So `device.labels.line == "a"` is false on a device without the
 * label, and `!(device.labels.line == "a")` and `device.labels.line != "a"` are true. Whatever else goes wrong on one device is false there, and
 * `judge` says why. A text that cannot work on any device is refused when it is compiled: each part whose truth decides must give true or
 * false on a sample device.
 *
 * Cost is bounded: 2,000 characters of text (contract), no loop inside another, patterns run by RE2, whose time is linear, and a limit on
 * the steps of one evaluation that is checked when the text is compiled.
 */
import {
  type CelEnv,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celMethod,
  celType,
  isCelError,
  listType,
  mapType,
  parse,
  plan,
} from '@bufbuild/cel'
import type { DeviceStatus } from '@skerry/contract/device'
import { Clearance, type SiteKind } from '@skerry/contract/site'
import { type Expr, GET, leavesOf, makeNullSafe, RANK } from './selector-syntax.ts'

/** What a selector may ask of one device and its site. Absent is null in the expression. */
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

/** Whether the device is picked; `problem` where the expression failed on it, which counts as no. */
export type SelectorVerdict = { matches: boolean; problem?: string }

export type Selector = {
  ok: true
  judge: (facts: SelectorFacts) => SelectorVerdict
  matches: (facts: SelectorFacts) => boolean
}
export type SelectorRefusal = { ok: false; code: 'selector_invalid'; message: string }

/** Compiles the text once for any number of devices. */
export function compileSelector(text: string): Selector | SelectorRefusal {
  try {
    const { expr } = parse(text)
    const leaves = leavesOf(expr)
    makeNullSafe(expr)
    const problem = leaves.map(sampleProblem).find((found) => found !== undefined)
    if (problem !== undefined) return refuse(problem)
    const judge = judgeOf(expr)
    return { ok: true, judge, matches: (facts) => judge(facts).matches }
  } catch (cause) {
    // The parser throws on syntax, makeNullSafe on what a selector may not say; recursion ends in a RangeError on deep nesting.
    return refuse(cause instanceof RangeError ? 'it is nested too deeply' : (cause as Error).message)
  }
}

const refuse = (problem: string): SelectorRefusal => ({
  ok: false,
  code: 'selector_invalid',
  message: `not a selector over device and site: ${problem}`,
})

function judgeOf(expr: Expr): (facts: SelectorFacts) => SelectorVerdict {
  const evaluate = plan(environment, expr)
  return (facts) => {
    const value = evaluate(bindingsOf(facts))
    if (typeof value === 'boolean') return { matches: value }
    return {
      matches: false,
      problem: isCelError(value) ? value.message : `it gives ${kindOf(value)}, not true or false`,
    }
  }
}

const kindOf = (value: CelValue) => celType(value).name

const SAMPLE: SelectorFacts = {
  device: {
    id: 'dev_aaaaaaaa',
    name: 'sample',
    labels: {},
    arch: 'x64',
    os: 'linux',
    cpus: 4,
    memoryMb: 4096,
    capabilities: ['onnx', 'container', 'kubernetes'],
    status: 'active',
    online: true,
  },
  site: { name: 'sample', kind: 'edge', country: 'DE', region: 'sample', labels: {}, clearance: 'internal' },
}

const sampleProblem = (leaf: Expr) => judgeOf(leaf)(SAMPLE).problem

const { BOOL, DYN, INT, NULL, STRING } = CelScalar
const LIST = listType(DYN)
const MAP = mapType(DYN, DYN)
const isFalse = () => false
const isNull = () => null

const environment: CelEnv = celEnv({
  funcs: [
    celFunc(GET, [MAP, DYN], DYN, (map, key) => map.get(key as string) ?? null),
    celFunc(GET, [LIST, INT], DYN, (list, index) => list.get(Number(index)) ?? null),
    celFunc(GET, [NULL, DYN], DYN, isNull),
    celFunc(RANK, [STRING], INT, rankOf),
    ...['_<_', '_<=_', '_>_', '_>=_'].flatMap((name) => [
      celFunc(name, [NULL, DYN], BOOL, isFalse),
      celFunc(name, [DYN, NULL], BOOL, isFalse),
    ]),
    celFunc('@in', [NULL, MAP], BOOL, isFalse),
    celFunc('@in', [DYN, NULL], BOOL, isFalse),
    ...['startsWith', 'endsWith', 'contains', 'matches'].flatMap((name) => [
      celMethod(name, NULL, [DYN], BOOL, isFalse),
      celMethod(name, STRING, [NULL], BOOL, isFalse),
    ]),
    ...['int', 'double', 'size'].map((name) => celFunc(name, [NULL], NULL, isNull)),
    celMethod('size', NULL, [], NULL, isNull),
  ],
})

const RANKS: readonly string[] = Clearance.options

function rankOf(clearance: string): bigint {
  const rank = RANKS.indexOf(clearance)
  if (rank === -1) throw new Error(`${clearance} is no clearance; they are ${RANKS.join(', ')}`)
  return BigInt(rank)
}

function bindingsOf({ device, site }: SelectorFacts) {
  return {
    device: presentOf({
      ...device,
      labels: presentOf(device.labels),
      cpus: bigintOf(device.cpus),
      memoryMb: bigintOf(device.memoryMb),
      capabilities: device.capabilities,
    }),
    site: presentOf({ ...site, labels: presentOf(site.labels) }),
  }
}

/** CEL's int is a bigint here; a number would be a double, with which `%` does not work. */
const bigintOf = (count: number | undefined) => (count === undefined ? undefined : BigInt(Math.trunc(count)))

const presentOf = <Value>(record: Readonly<Record<string, Value | undefined>>) =>
  new Map(Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined))
