/** File alert: model files beside the hub that another database owns, or that its own database does not know. */
import type { Alert, AlertCode } from '@skerry/contract/alerts/alert'
import type { AlertFacts } from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'

/** At most one: files of another database are not counted. */
export function fileAlerts(found: AlertFacts['files']): Alert[] {
  if (!found) return []
  const { kind, count, files, sinceMs } = found
  const alertOf = (code: AlertCode, message: string): Alert => {
    const { severity, action } = alertRules[code]
    const objects = [{ kind: 'hub' as const, name: 'hub' }]
    return { id: code, code, severity, action, message, count, sinceMs, objects, link: '/settings?tab=about' }
  }
  if (kind === 'foreign') {
    const message = 'the model files of this hub belong to another database: the hub removes none of them'
    return [alertOf('hub_files_foreign', message)]
  }
  const some = `the database of the hub does not know ${count} of ${files} model ${files === 1 ? 'file' : 'files'}`
  const why = kind === 'halted' ? ': too many to remove, so the hub keeps them' : ', which the hub keeps'
  return [alertOf('hub_files_unknown', some + why)]
}
