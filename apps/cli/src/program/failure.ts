/** Failure: the end of a command without success: a code, a message, the next step, and the exit code for scripts. */
import { type Problem, problemOf } from '@skerry/client/problem'
import { errors } from '@skerry/contract/errors/errors'

/** The exit codes are part of the CLI's interface: scripts depend on them. */
export const exitCodes = {
  ok: 0,
  /** The action failed or was rejected. */
  failed: 1,
  /** The command line itself is wrong; nothing was tried. */
  usage: 2,
  /** No hub answered, or one whose certificate is not trusted. */
  unreachable: 3,
  /** Not signed in, or the key lacks a permission. */
  denied: 4,
  /** A program on a device did not end by itself, or never began. [ssh(1), EXIT STATUS] */
  remote: 255,
  /** Ctrl-C. [POSIX shell, 128 + SIGINT] */
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Codes of the CLI itself, besides those of the API and of the client. */
export const cliProblems = {
  /** `run` adds the name of the right help. */
  usage_wrong: { exitCode: exitCodes.usage, next: undefined },
  login_missing: { exitCode: exitCodes.denied, next: 'sign in with "skerry login https://HUB:8443"' },
  login_invalid: { exitCode: exitCodes.denied, next: 'sign in again with "skerry login"' },
  context_taken: { exitCode: exitCodes.usage, next: 'choose another name, or remove it with "skerry context rm"' },
  context_unknown: { exitCode: exitCodes.usage, next: '"skerry context ls" lists the contexts' },
  organisation_wrong: {
    exitCode: exitCodes.denied,
    next: 'choose the organisation in the browser when you agree, or use a key of that organisation',
  },
  membership_missing: { exitCode: exitCodes.denied, next: '"skerry org mine" lists yours' },
  login_refused: { exitCode: exitCodes.denied, next: 'run "skerry login" again, and agree in the browser' },
  confirmation_missing: { exitCode: exitCodes.usage, next: 'add --yes to confirm' },
  confirmation_refused: { exitCode: exitCodes.failed, next: undefined },
  fingerprint_missing: {
    exitCode: exitCodes.usage,
    next: 'add --ca-fingerprint with the fingerprint that the hub printed at its first start',
  },
  fingerprint_mismatch: {
    exitCode: exitCodes.unreachable,
    next: 'stop here, and compare the fingerprint with the one that the hub printed at its first start',
  },
  file_unreadable: { exitCode: exitCodes.failed, next: 'check the path and its permissions' },
  file_unwritable: {
    exitCode: exitCodes.failed,
    next: 'choose another name; an existing file is never overwritten',
  },
  file_invalid: { exitCode: exitCodes.failed, next: 'correct the file; nothing was changed' },
  model_signature_refused: { exitCode: exitCodes.failed, next: 'pull the version again, and do not serve these files' },
  import_refused: { exitCode: exitCodes.failed, next: undefined },
  image_failed: { exitCode: exitCodes.failed, next: 'correct the cause; nothing of the image is left' },
  import_failed: { exitCode: exitCodes.failed, next: 'run the same command again: it continues where it ended' },
  engine_refused: { exitCode: exitCodes.failed, next: 'correct the Compose file, or look at the log of the engine' },
  engine_unreachable: { exitCode: exitCodes.unreachable, next: 'start the container engine' },
  app_run_failed: { exitCode: exitCodes.failed, next: 'correct the release; nothing of it is left on this machine' },
  campaign_unfinished: { exitCode: exitCodes.failed, next: 'look at "skerry campaign show"' },
  feed_check_failed: { exitCode: exitCodes.failed, next: 'see all of it with "skerry model-feed show"' },
  feed_check_unfinished: { exitCode: exitCodes.failed, next: 'look at "skerry model-feed show"' },
  git_sync_failed: { exitCode: exitCodes.failed, next: 'see all of it with "skerry git-source show"' },
  git_sync_unfinished: { exitCode: exitCodes.failed, next: 'look at "skerry git-source show"' },
  learning_unfinished: { exitCode: exitCodes.failed, next: 'look at "skerry learn show"' },
  rollout_unfinished: { exitCode: exitCodes.failed, next: undefined },
  audit_broken: {
    exitCode: exitCodes.failed,
    next: "keep a copy of the hub's data, and find out who could write to it",
  },
  audit_unproven: {
    exitCode: exitCodes.failed,
    next: 'export it with its checkpoints ("skerry audit export"), or give a checkpoint kept elsewhere with --checkpoint',
  },
  webhook_refused: { exitCode: exitCodes.failed, next: 'check the log of the receiver; it must answer 2xx' },
  simulation_failed: { exitCode: exitCodes.failed, next: 'check the log of the hub, or try fewer devices' },
  source_failed: { exitCode: exitCodes.failed, next: 'check that the equipment runs and that its address is right' },
  sink_failed: {
    exitCode: exitCodes.failed,
    next: 'the page on sinks has a table of codes: "When it does not arrive"',
  },
  source_silent: { exitCode: exitCodes.failed, next: 'try a single tag, or wait longer with --timeout' },
  tag_unknown: { exitCode: exitCodes.usage, next: '"skerry source check" shows the groups of the file' },
  tag_read_only: { exitCode: exitCodes.failed, next: undefined },
  tag_range: { exitCode: exitCodes.failed, next: 'write a value within the bounds of the file' },
  tag_rate: { exitCode: exitCodes.failed, next: 'wait a minute' },
  tag_interlocked: { exitCode: exitCodes.failed, next: 'bring the equipment into a permitted state, then write again' },
  tag_type: { exitCode: exitCodes.failed, next: 'check the type of the tag in the file' },
  write_refused: { exitCode: exitCodes.failed, next: undefined },
  write_unverified: { exitCode: exitCodes.failed, next: 'read the tag, and check the equipment' },
  golden_differs: {
    exitCode: exitCodes.failed,
    next: 'if the new outputs are right, write them with --write-golden',
  },
  flow_failed: { exitCode: exitCodes.failed, next: 'try it on a recording with "skerry flow replay"' },
  norms_missing: {
    exitCode: exitCodes.failed,
    next: 'write mean and std into the step, or give the model with --model',
  },
  table_missing: {
    exitCode: exitCodes.failed,
    next: 'give the data with --data, and check the path of the file in them',
  },
  table_invalid: { exitCode: exitCodes.failed, next: 'correct the file, or key and value of the step' },
  classes_missing: {
    exitCode: exitCodes.failed,
    next: 'write classes into the step, or give the model with --model',
  },
  model_load_failed: { exitCode: exitCodes.failed, next: 'check the file with "skerry model push --dry-run"' },
  gguf_invalid: { exitCode: exitCodes.failed, next: 'mend the file or its settings, as the message says' },
  inference_failed: { exitCode: exitCodes.failed, next: 'send the question again, or read the log of the device' },
  browse_unknown: { exitCode: exitCodes.failed, next: 'write its tags by hand, from its manual' },
  browse_failed: { exitCode: exitCodes.failed, next: 'give the path of a folder as it was shown' },
  hub_outdated: { exitCode: exitCodes.failed, next: 'update the hub, then run the command again' },
  backup_invalid: { exitCode: exitCodes.failed, next: 'check the file and the passphrase; nothing was written' },
  database_taken: { exitCode: exitCodes.failed, next: 'name an empty database, such as a new one of "createdb"' },
  database_unusable: { exitCode: exitCodes.failed, next: undefined },
  selector_empty: { exitCode: exitCodes.failed, next: 'try the selector with "skerry device ls --selector"' },
  selector_too_wide: { exitCode: exitCodes.failed, next: 'narrow the selector' },
  folder_taken: { exitCode: exitCodes.failed, next: 'name a folder that is new or empty' },
  tool_answer_too_large: {
    exitCode: exitCodes.failed,
    next: 'narrow the call: a smaller limit, a filter, or the tool that shows one thing',
  },
  tool_calls_too_many: { exitCode: exitCodes.failed, next: 'call again after another call has ended' },
  app_missing: { exitCode: exitCodes.failed, next: 'install the complete Skerry package on this machine' },
} as const satisfies Record<string, { exitCode: ExitCode; next: string | undefined }>
export type CliProblem = keyof typeof cliProblems

/** Ends a command early. Thrown, because nobody between a command and `run` has anything to decide about it. */
export class Failure extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  readonly next: string | undefined
  readonly data: unknown
  /** Whether a hub answered with the code. The hub then has a page about the code. */
  readonly isAnswer: boolean
  /** The page about the code in the guide of that hub. `run` adds it. */
  page: string | undefined

  constructor(failure: {
    code: string
    message: string
    exitCode: ExitCode
    next?: string | undefined
    data?: unknown
    isAnswer?: boolean
    cause?: unknown
  }) {
    super(failure.message, { cause: failure.cause })
    this.code = failure.code
    this.exitCode = failure.exitCode
    this.next = failure.next
    this.data = failure.data
    this.isAnswer = failure.isAnswer ?? false
  }
}

/** A failure of the CLI itself. `next` replaces the usual advice if the caller has better advice. */
export function fail(
  code: CliProblem,
  message: string,
  options: { next?: string; data?: unknown; cause?: unknown } = {},
): Failure {
  const { exitCode, next } = cliProblems[code]
  return new Failure({ code, message, exitCode, next, ...options })
}

/** An error in the command line. */
export const wrongUsage = (message: string, next?: string) =>
  fail('usage_wrong', message, next === undefined ? {} : { next })

/** Turns anything that was thrown into a failure. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof Failure) return error
  if (signal.aborted) {
    return new Failure({
      code: 'aborted',
      message: 'stopped before the end',
      exitCode: exitCodes.interrupted,
      cause: error,
    })
  }
  return problemFailure(problemOf(error), error)
}

/** The failure of a problem of the API: the hub found it, or a command found it in the same way. */
export function problemFailure(
  problem: Pick<Problem, 'code' | 'message' | 'data'> & { status?: number },
  cause?: unknown,
): Failure {
  const { message, next } = splitAdvice(problem)
  const { code, data, status = 0 } = problem
  const isAnswer = status > 0 && code in errors
  return new Failure({ code, message, next, exitCode: exitCodeOf(problem), data, isAnswer, cause })
}

/** The page about the code in the guide of the hub that answered with it. */
export const errorPage = (hub: string, code: string): string => `${hub}/guide/errors/${code}`

const DENIED: readonly string[] = ['key_missing', 'key_invalid', 'permission_denied']
const UNREACHABLE: readonly string[] = ['hub_unreachable', 'hub_untrusted', 'answer_invalid']

function exitCodeOf({ code }: Pick<Problem, 'code'>): ExitCode {
  if (DENIED.includes(code)) return exitCodes.denied
  return UNREACHABLE.includes(code) ? exitCodes.unreachable : exitCodes.failed
}

/**
 * A message of the API states the problem, and after the last semicolon the next step. A message without one gets the
 * usual advice of its code.
 */
function splitAdvice({ code, message }: Pick<Problem, 'code' | 'message'>): { message: string; next?: string } {
  const own = splitAt(message)
  if (own.next !== undefined) return own
  const usual = code in errors ? splitAt(errors[code as keyof typeof errors].message).next : undefined
  return usual === undefined ? { message } : { message, next: usual }
}

function splitAt(message: string): { message: string; next?: string } {
  const index = message.lastIndexOf('; ')
  return index === -1 ? { message } : { message: message.slice(0, index), next: message.slice(index + 2) }
}

/** The issues that a schema found, one a line; empty if the data has none. */
export function issueLines(data: unknown): string[] {
  if (typeof data !== 'object' || data === null || !('issues' in data) || !Array.isArray(data.issues)) return []
  return data.issues.map(
    ({ path = '', message }: { path?: string | unknown[]; message?: string }) =>
      `${Array.isArray(path) ? path.join('.') : path}: ${message}`,
  )
}
