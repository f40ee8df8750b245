/** Compose health: the health check of a service. Defaults are those of the container engine. */
import type { HealthCheck } from '@skerry/contract/apps/app'
import { checkFields } from './compose-fields.ts'
import { type Field, type Findings, flagOf, listOf, mapOf, report, textOf } from './compose-findings.ts'
import { durationMsOf, numberOf } from './compose-values.ts'

/** [docs.docker.com, Dockerfile HEALTHCHECK] */
const DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startPeriodMs: 0 }

/** Undefined if the service has no health check, or one that cannot be read. */
export function healthOf(it: Findings, field: Field): HealthCheck | undefined {
  const map = mapOf(it, field)
  if (!map) return undefined
  checkFields(it, 'health', map, field.path)
  const at = (name: string): Field => ({ value: map[name], path: [...field.path, name] })
  if (map.disable !== undefined && flagOf(it, at('disable')) === true) return undefined
  const duration = (name: string, usual: number) =>
    map[name] === undefined ? usual : (durationMsOf(it, at(name)) ?? usual)
  const test = testOf(it, at('test'))
  if (!test || test[0] === 'NONE') return undefined
  return {
    test,
    intervalMs: duration('interval', DEFAULTS.intervalMs),
    timeoutMs: duration('timeout', DEFAULTS.timeoutMs),
    retries: map.retries === undefined ? DEFAULTS.retries : (numberOf(it, at('retries')) ?? DEFAULTS.retries),
    startPeriodMs: duration('start_period', DEFAULTS.startPeriodMs),
  }
}

/** One line is for the shell of the image, as in Compose. */
function testOf(it: Findings, field: Field): string[] | undefined {
  if (field.value === undefined) {
    return report(it, field.path, 'value_invalid', 'is missing; write it, because the image is not asked for its own')
  }
  if (typeof field.value === 'string') {
    const line = textOf(it, field)
    return line === undefined ? undefined : ['CMD-SHELL', line]
  }
  const words = listOf(it, field)?.flatMap((word) => textOf(it, word) ?? [])
  if (!words || ['CMD', 'CMD-SHELL', 'NONE'].includes(words[0] ?? '')) return words
  return report(it, field.path, 'value_invalid', 'must begin with CMD, CMD-SHELL or NONE')
}
