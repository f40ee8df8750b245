/**
 * Problem: an answer that is an error of the table in the contract. Handlers throw it, which rolls back the open
 * transaction.
 */
import { ORPCError } from '@orpc/server'
import { type ErrorCode, errors } from '@skerry/contract/errors/errors'

/** An error made by `problem`. `code` is a code of the contract. */
export type Problem = ORPCError<ErrorCode, unknown>

/**
 * Creates an error to throw. `message` tells the caller the next step; without it, the table's text is used. `data` is
 * for programs.
 */
export function problem(code: ErrorCode, message?: string, data?: unknown): Problem {
  const entry = errors[code]
  return new ORPCError(code, { defined: true, status: entry.status, message: message ?? entry.message, data })
}

/** Creates the error about an unknown name, which it repeats: a script may print it far from its command. */
export function unknownName(code: 'site_unknown' | 'device_unknown' | 'deployment_unknown', name: string): Problem {
  return problem(code, errors[code].message.replace(';', ` "${name}";`))
}

/** Whether a thrown value is one of the contract's errors. */
export function isProblem(error: unknown): error is Problem {
  return error instanceof ORPCError && Object.hasOwn(errors, error.code)
}

/** Throws an expected failure that core or the platform returned as a value. */
export function throwProblem(failure: { code: ErrorCode; message: string; data?: unknown }): never {
  throw problem(failure.code, failure.message, failure.data)
}
