/** The texts of the card of test results. */
import { count } from '../../../texts/count.ts'

export const testTexts = {
  title: 'Test results',
  refused: 'The rules of tests allow no rollout of this version:',
  passed: (checks: number) => `${count(checks, 'check')} passed`,
  failed: (failed: number, checks: number) => `${failed} of ${count(checks, 'check')} failed`,
  revoked: '(revoked)',
  columns: { suite: 'Suite', result: 'Result', ended: 'Ended', key: 'Signed by', digest: 'Digest of the statement' },
}
