/** Procedures on alerts about equipment: an operator acknowledges them, or shelves them for some time. */
import * as z from 'zod'
import { AlertId, ShelfSeconds } from '../../alerts/alert.ts'
import { InstantMs, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const alertProcedures = {
  acknowledge: procedure({
    method: 'POST',
    path: '/v1/alerts/acknowledge',
    access: 'alert.write',
    scope: 'none',
    approval: 'none',
    summary:
      'Acknowledge an alert about equipment: it stays listed and is quiet until it ends. When it occurs again, it is not acknowledged',
    errors: ['alert_unknown', 'alert_not_answerable', 'alert_changed'],
  })
    .input(
      z.strictObject({
        alert: AlertId,
        comment: Reason.optional(),
        /** The alert as the caller saw it. An occurrence that the caller has not seen stays open. */
        seen: z.strictObject({ sinceMs: InstantMs, count: z.int().min(1) }).optional(),
      }),
    )
    .output(z.strictObject({ alert: AlertId, acknowledged: z.int().min(1) })),
  shelve: procedure({
    method: 'POST',
    path: '/v1/alerts/shelve',
    access: 'alert.write',
    scope: 'none',
    approval: 'none',
    summary: 'Shelve an alert about equipment for at most a day: it is quiet for that time, also when it occurs again',
    errors: ['alert_unknown', 'alert_not_answerable'],
  })
    .input(z.strictObject({ alert: AlertId, seconds: ShelfSeconds, reason: Reason }))
    .output(z.strictObject({ alert: AlertId, shelved: z.int().min(1), untilMs: InstantMs })),
  unshelve: procedure({
    method: 'POST',
    path: '/v1/alerts/unshelve',
    access: 'alert.write',
    scope: 'none',
    approval: 'none',
    summary: 'Return a shelved alert to the list before its time has passed',
    errors: ['alert_unknown', 'alert_not_answerable', 'alert_not_shelved'],
  })
    .input(z.strictObject({ alert: AlertId }))
    .output(z.strictObject({ alert: AlertId, unshelved: z.int().min(1) })),
}
