/** Job problem: a job that failed for a reason with a code of its own. Every other error is reported as `job_failed`. */
import type { Cause } from '@skerry/contract/devices/item'

export class JobProblem extends Error {
  readonly code: Cause['code']
  constructor({ code, message }: Cause) {
    super(message)
    this.code = code
  }
}
