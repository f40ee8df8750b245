/** Problem: an answer that is an error of the table in the contract. Handlers throw it; a transaction that is under way is undone by it. */
import { ORPCError } from '@orpc/server'
import { type ErrorCode, errors } from '@skerry/contract/errors/errors'

/** What `problem` makes. `code` is one of the contract's. */
export type Problem = ORPCError<ErrorCode, unknown>

/** An error to throw. Say in `message` what the caller can do; without one it has the table's words. `data` is for programs. */
export function problem(code: ErrorCode, message?: string, data?: unknown): Problem {
  const entry = errors[code]
  return new ORPCError(code, { defined: true, status: entry.status, message: message ?? entry.message, data })
}

/** Whether something that was thrown is one of the contract's errors. */
export function isProblem(error: unknown): error is Problem {
  return error instanceof ORPCError && Object.hasOwn(errors, error.code)
}

/** Throws an expected failure that a decision or the platform gave as a value. */
export function throwProblem(failure: { code: ErrorCode; message: string }): never {
  throw problem(failure.code, failure.message)
}
