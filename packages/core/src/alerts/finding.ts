/** Finding: the facts of one alert before its code adds severity, action and id. */
import type { Alert } from '@skerry/contract/alerts/alert'
import { alertRules } from './alert-rules.ts'

export type Finding = Pick<Alert, 'code' | 'message' | 'count' | 'objects' | 'link'> &
  Partial<Alert> & { about?: string }

/** The alert with the severity and the action of its code, unless the finding has its own. */
export function alertFor({ about, ...finding }: Finding): Alert {
  const { severity, action } = alertRules[finding.code]
  const id = about === undefined ? finding.code : `${finding.code}:${about}`
  return { id, severity, action, ...finding }
}

const number = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

/** Such as `1 device` or `3,005 devices`. */
export const countText = (count: number, noun: string) => `${number(count)} ${noun}${count === 1 ? '' : 's'}`
