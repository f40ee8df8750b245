/** Import problem: the reason why a model was not imported, with the next step. The codes are those of the command line. */
type ImportProblemCode = 'import_failed' | 'import_refused' | 'usage_wrong'

export class ImportProblem extends Error {
  readonly code: ImportProblemCode
  readonly next: string | undefined

  constructor(code: ImportProblemCode, message: string, options: { next?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.next = options.next
  }
}

/** The problem, to throw. */
export const importProblem = (
  code: ImportProblemCode,
  message: string,
  options: { next?: string; cause?: unknown } = {},
): ImportProblem => new ImportProblem(code, message, options)

/** The place itself is written wrong. */
export const wrongPlace = (message: string, next?: string): ImportProblem =>
  new ImportProblem('usage_wrong', message, { next })
