/** Compose findings: the problems and notes about a Compose file, each with the path of its field. */

export type ComposeCode =
  /** The Compose specification has no such field. */
  | 'field_unknown'
  /** The Compose specification has it, and apps do not. */
  | 'field_unsupported'
  /** The field gives a container access to the device around it. */
  | 'host_access'
  | 'value_invalid'
  /** It names a service, volume or image that is not there. */
  | 'reference_unknown'
  /** A password or key stands in the file as plain text. */
  | 'secret_found'

export type ComposePath = readonly (string | number)[]

/** `message` says what to do next. */
export type ComposeProblem = { path: ComposePath; code: ComposeCode; message: string }

export type Findings = {
  problems: ComposeProblem[]
  /** The person lets the services reach into the device. */
  mayReach?: boolean
}

/** A value of the file with its path. */
export type Field = { value: unknown; path: ComposePath }

/** Adds a problem. Returns undefined, as the value of a field that cannot be read. */
export function report(it: Findings, path: ComposePath, code: ComposeCode, message: string): undefined {
  it.problems.push({ path, code, message })
  return undefined
}

type Entries = Readonly<Record<string, unknown>>

/** The fields of a map; undefined, with a problem, for another value. */
export function mapOf(it: Findings, { value, path }: Field): Entries | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Entries
  return report(it, path, 'value_invalid', 'must be a map of names and values')
}

/** The elements of a list; undefined, with a problem, for another value. */
export function listOf(it: Findings, { value, path }: Field): Field[] | undefined {
  if (Array.isArray(value)) return value.map((element: unknown, index) => ({ value: element, path: [...path, index] }))
  return report(it, path, 'value_invalid', 'must be a list')
}

/**
 * The text of a word, number or boolean, with `$$` read as `$`. Compose would replace `$NAME` by a variable of the
 * machine that pushes, so the same file would give other releases elsewhere.
 */
export function textOf(it: Findings, { value, path }: Field): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return report(it, path, 'value_invalid', 'must be a text')
  }
  const text = String(value)
  if (text.includes('\0')) return report(it, path, 'value_invalid', 'must not have a zero byte')
  if (/\$/.test(text.replaceAll('$$', ''))) {
    return report(
      it,
      path,
      'field_unsupported',
      'variables are not read from the machine that pushes; write the value, or $$ for a dollar sign',
    )
  }
  return text.replaceAll('$$', '$')
}

export function flagOf(it: Findings, { value, path }: Field): boolean | undefined {
  return typeof value === 'boolean' ? value : report(it, path, 'value_invalid', 'must be true or false')
}

/** The text, if it is one of these words. */
export function wordOf<Word extends string>(it: Findings, field: Field, words: readonly Word[]): Word | undefined {
  const text = textOf(it, field)
  const word = words.find((each) => each === text)
  if (word !== undefined || text === undefined) return word
  return report(it, field.path, 'value_invalid', `must be ${words.join(' or ')}`)
}
