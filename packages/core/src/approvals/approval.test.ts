import { ApprovalRules } from '@skerry/contract/approvals/approval'
import { expect, test } from 'vitest'
import { judgeApprover, judgeOpen, loosened, statusAt } from './approval.ts'

const waiting = { status: 'pending' as const, expiresAtMs: 1_000, hands: ['usr_a', 'usr_b'] }

test('another person may approve a request, and its requesters may not', () => {
  expect(judgeApprover(waiting, 'usr_c', 999)).toEqual({ ok: true })
  expect(judgeApprover(waiting, 'usr_a', 999)).toMatchObject({ ok: false, code: 'approval_refused' })
  expect(judgeApprover(waiting, 'usr_b', 999)).toMatchObject({ ok: false, code: 'approval_refused' })
})

test('a closed approval request cannot be answered', () => {
  expect(judgeApprover(waiting, 'usr_c', 1_000)).toMatchObject({ code: 'approval_closed' })
  expect(judgeOpen({ ...waiting, status: 'approved' }, 999)).toEqual({ ok: true })
  for (const status of ['used', 'denied', 'expired'] as const)
    expect(judgeOpen({ ...waiting, status }, 0)).toMatchObject({ code: 'approval_closed' })
  expect(statusAt({ ...waiting, status: 'approved' }, 1_000)).toBe('expired')
  expect(statusAt({ ...waiting, status: 'used' }, 1_000)).toBe('used')
})

test('a rule that is switched off or changed is reported as loosened', () => {
  const on = ApprovalRules.parse({ deployments: 'true', batches: true, roles: true })
  const off = ApprovalRules.parse({})
  expect(loosened(on, off)).toEqual(['deployments', 'batches', 'roles'])
  expect(loosened(off, on)).toEqual([])
  expect(loosened(on, { ...on, deployments: 'false', batches: false })).toEqual(['deployments', 'batches'])
  expect(loosened(on, on)).toEqual([])
  const moderated = ApprovalRules.parse({ moderated: 'true' })
  expect(loosened(moderated, moderated)).toEqual([])
  expect(loosened(moderated, { ...moderated, moderated: 'false' })).toEqual(['moderated'])
  expect(loosened(moderated, { ...moderated, moderated: false })).toEqual(['moderated'])
  expect(loosened({ ...moderated, moderated: false }, moderated)).toEqual([])
})
