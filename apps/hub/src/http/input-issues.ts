/**
 * Input issues: the members of an input that do not fit its schema. Each has a path and a message, never the value,
 * which may be a secret.
 */

export type InputIssue = { readonly path?: readonly unknown[] | undefined; readonly message: string }

/** Further issues only repeat the same message, up to 10,000 times in a list of 10,000. */
const ISSUES_MAX = 20

/** The issues in the form for the caller. */
export const issuesIn = (issues: readonly InputIssue[]): { path: string; message: string }[] =>
  issues.slice(0, ISSUES_MAX).map(({ path = [], message }) => ({
    path: path.map(stepName).join('.').slice(0, 200),
    message: message.slice(0, 500),
  }))

const stepName = (step: unknown) => String(typeof step === 'object' && step !== null && 'key' in step ? step.key : step)
