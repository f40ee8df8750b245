/** The error codes about Git sources and model feeds. A source's own problems are in contract/git-sources. */
import { feedErrors } from './feed-errors.ts'

export const gitErrors = {
  ...feedErrors,
  git_source_unknown: { status: 404, message: 'no such Git source; "skerry git-source ls" lists them' },
  git_source_refused: { status: 422, message: 'the Git source cannot be used so; the message names the reason' },
  git_hook_refused: {
    status: 401,
    message: 'no Git source has this webhook with this secret; "skerry git-source webhook" makes a new one',
  },
} as const satisfies Record<string, { status: number; message: string }>
