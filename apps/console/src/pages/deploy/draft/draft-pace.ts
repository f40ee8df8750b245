/** Draft pace: how quickly a deployment goes out and what it asks of people, from what was written to what it means; and back. */
import type { Strategy, WaveSpec } from '@skerry/contract/deployments/deployment'
import { analysesText, parseAnalyses } from '@skerry/core/analysis/analysis-text'
import {
  budgetText,
  limitsText,
  parseBudget,
  parseLimits,
  parseRate,
  parseRetry,
  rateText,
  retryText,
} from '@skerry/core/deployments/pace-text'
import { parseShadow, parseSwitch, shadowText, switchText } from '@skerry/core/deployments/stage-text'
import { parseWindow, windowText } from '@skerry/core/deployments/window-text'
import { deployTexts } from '../english-deploy.ts'
import { type Draft, PACE_FIELDS, type WaveDraft } from './draft-search.ts'

const words = deployTexts.problems
const READERS = {
  rate: parseRate,
  budget: parseBudget,
  retry: parseRetry,
  shadow: parseShadow,
  switchOver: parseSwitch,
  download: parseWindow,
  install: parseWindow,
  locks: (text: string) => text.trim() === 'ignore' || undefined,
} as const

/** The fields of a strategy; what cannot be read goes to the problems. */
export function rawPace(draft: Draft, problems: Record<string, string>): Record<string, unknown> {
  const read = PACE_FIELDS.filter((key) => draft[key]?.trim()).map(
    (key) => [key, READERS[key](draft[key] ?? '')] as const,
  )
  for (const [key, value] of read) if (value === undefined) problems[key] = words[key]
  const { download, install, locks, ...rest } = Object.fromEntries(read.filter(([, value]) => value !== undefined))
  const window = download === undefined && install === undefined ? undefined : { download, install }
  return { ...rest, ...(window && { window }), ...(locks && { ignoreLocks: locks }) }
}

/** The fields of a wave; what cannot be read goes to the problems, under the path. */
export function rawConsent(wave: WaveDraft, path: string, problems: Record<string, string>): Record<string, unknown> {
  const limits = wave.limits?.trim() ? parseLimits(wave.limits) : undefined
  if (wave.limits?.trim() && limits === undefined) problems[`${path}.limits`] = words.limits
  const analysis = wave.gates?.trim() ? parseAnalyses(wave.gates) : undefined
  if (wave.gates?.trim() && analysis === undefined) problems[`${path}.gates`] = words.gates
  return {
    limits,
    analysis,
    approval: wave.approval === 'true' ? true : undefined,
    pauseAfter: wave.pause === 'true' ? true : undefined,
    mandatory: wave.mandatory === 'true' ? true : undefined,
  }
}

/** A strategy as somebody would have written it. */
export const paceDraft = (strategy: Strategy): Pick<Draft, (typeof PACE_FIELDS)[number]> => {
  const { rate, budget, retry, shadow, switchOver, window, ignoreLocks } = strategy
  return {
    rate: rate && rateText(rate),
    budget: budget && budgetText(budget),
    retry: retry && retryText(retry),
    shadow: shadow && shadowText(shadow),
    switchOver: switchOver && switchText(switchOver),
    download: window?.download && windowText(window.download),
    install: window?.install && windowText(window.install),
    locks: ignoreLocks ? 'ignore' : undefined,
  }
}

/** A wave as somebody would have written it. */
export const consentDraft = ({ limits, approval, pauseAfter, mandatory, analysis = [] }: WaveSpec): WaveDraft => ({
  ...(limits && limits.length > 0 && { limits: limitsText(limits) }),
  ...(analysis.length > 0 && { gates: analysesText(analysis) ?? words.gatesOfFile }),
  ...(approval && { approval: 'true' }),
  ...(pauseAfter && { pause: 'true' }),
  ...(mandatory && { mandatory: 'true' }),
})
