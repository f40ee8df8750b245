/** Strategy presets: ways of going out that fit most fleets, as data, so that console and CLI offer the same ones. */
import { Strategy } from '@skerry/contract/deployments/deployment'
import type * as z from 'zod'
import { canonicalJson } from '../values/canonical-json.ts'

type Draft = z.input<typeof Strategy>

const drafts = {
  /** Everybody at once: for the first version of something, and for fleets of a few. */
  'all-at-once': {},
  /** A twentieth first. Five minutes show what crashes or answers wrongly under real requests. */
  canary: { waves: [{ name: 'canary', limit: '5%', soakSeconds: 300 }], onFailure: 'rollback-all' },
  /** 5 %, 25 %, the rest. Past the first wave two in a hundred may fail: single machines break for reasons of their own. */
  staged: {
    waves: [
      { name: 'first', limit: '5%', soakSeconds: 600 },
      { name: 'quarter', limit: '25%', soakSeconds: 1_800, failuresMax: '2%', minExecuted: 20 },
      { name: 'rest', failuresMax: '2%', minExecuted: 20 },
    ],
  },
  /** One device for an hour before anybody else, and all the way back at the first failure. */
  cautious: {
    waves: [
      { name: 'one', limit: 1, soakSeconds: 3_600 },
      { name: 'few', limit: '5%', soakSeconds: 3_600 },
      { name: 'quarter', limit: '25%', soakSeconds: 7_200 },
    ],
    onFailure: 'rollback-all',
  },
  /** Compared by real requests on each device before it serves there. One answer in a hundred may be off: hardware and rounding differ. */
  shadow: { shadow: { maxMismatchShare: 0.01 } },
  /** Ready everywhere beside the old version, then all at once when a person says so; the old one stays loaded for ten minutes. */
  'blue-green': { switchOver: {}, onFailure: 'rollback-all' },
} as const satisfies Record<string, Draft>

export type PresetName = keyof typeof drafts

export const PRESET_NAMES = Object.keys(drafts) as readonly PresetName[]

/** The strategy of the name, whole. */
export const presetStrategy = (name: PresetName): Strategy => Strategy.parse(drafts[name])

/** The preset that has this way; undefined where somebody made it themselves. What else it says may still have been changed. */
export function presetOf(strategy: Way): PresetName | undefined {
  const text = wayText(strategy)
  return PRESET_NAMES.find((name) => wayText(presetStrategy(name)) === text)
}

type Way = Pick<Strategy, 'waves' | 'shadow' | 'switchOver'>

const wayText = ({ waves, shadow, switchOver }: Way) => canonicalJson([waves, shadow ?? null, switchOver ?? null])
