/** `skerry audit retention` */
import { AuditRetention } from '@skerry/contract/audit/audit-archive'
import { command, fitsNumber, value } from '../../program/command.ts'

export const setAuditRetention = command({
  name: 'audit retention',
  summary: 'Show or set the minimum time that audit records are kept',
  details:
    'The minimum is six months, which many laws require. Nothing is removed automatically: see "skerry audit archive".',
  examples: ['skerry audit retention', 'skerry audit retention --keep-days 3653'],
  arguments: {},
  options: {
    keepDays: value(
      '--keep-days <days>',
      'younger records cannot be removed',
      fitsNumber(AuditRetention.shape.keepDays),
    ),
  },
  async run({ keepDays }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const retention =
      keepDays === undefined
        ? await client.audit.retention({}, { signal })
        : await client.audit.setRetention({ keepDays }, { signal })
    session.print({ json: retention, text: () => `records are kept for at least ${retention.keepDays} days` })
  },
})
