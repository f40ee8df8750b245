/**
 * Device fields: the fields that the words of a device filter may name, and whether a text is words or a selector.
 *
 * This module needs no evaluator, so that a page can load it at once (device-filter.ts has the filter itself).
 */
import { groupNames } from '../groups/group-text.ts'
import { isExpression } from './row-language.ts'

/** The fields that a word may name, each with an example. */
export const DEVICE_FIELDS = {
  name: 'press-12',
  site: 'oslo',
  label: 'line=4',
  health: 'failed',
  model: 'anomaly:2',
  cause: 'golden_mismatch',
  failure: 'remembered',
  agent: '0.1.0',
  processor: 'cortex',
  system: 'arm64',
  status: 'pending',
  id: 'dev_aaaaaaaa',
} as const satisfies Readonly<Record<string, string>>

export const DEVICE_FILTER_EXAMPLE = 'anomaly site:oslo health:failed'

/** Finds the devices that rolled back from a failed version, also if all is well there now. */
export const REMEMBERED_FAILURE = 'failure:remembered'

/** Whether somebody looks for failures of now, with the field or only with the word. */
export const looksForFailures = (text: string): boolean =>
  /(?:^|\s)(?:health:)?"?fail(?:ed|ures?|ing)?(?=["\s]|$)/i.test(text)

/** Whether the text names a field of failures, which older revisions may answer. */
export const readsFailures = (text: string): boolean => /(?:^|\s)(?:failure|cause):/.test(text)

/** Whether the text is a selector. Quoted texts in it do not count, so that a person can look for any text. */
export const readsAsSelector = (text: string): boolean =>
  isExpression(text.replace(/"[^"]*"/g, '""'), ['device', 'site']) || groupNames(text).length > 0
