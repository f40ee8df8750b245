/** `skerry audit retention` */
import { AuditRetention } from '@skerry/contract/audit/audit-archive'
import { command, fitsNumber, value } from '../../program/command.ts'

export const setAuditRetention = command({
  name: 'audit retention',
  summary: 'Show, or say, how long records of the audit trail are kept at least',
  details: 'Six months is the least, by law for many. Nothing is removed by itself: see "skerry audit archive".',
  examples: ['skerry audit retention', 'skerry audit retention --keep-days 3653'],
  arguments: {},
  options: {
    keepDays: value(
      '--keep-days <days>',
      'no record that is younger is removed',
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
    session.print({ json: retention, text: () => `records are kept for ${retention.keepDays} days at least` })
  },
})
