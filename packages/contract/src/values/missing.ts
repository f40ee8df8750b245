/** Missing: the message of a required value that is not there, at every door that parses. */
import * as z from 'zod'

const FORMS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

/** [Zod 4, error precedence] A schema that has a message of its own keeps it. */
z.config({
  customError: ({ code, input, expected }) =>
    code === 'invalid_type' && input === undefined ? `is missing${formText(expected)}` : undefined,
})

const formText = (expected: unknown) => {
  const form = FORMS[String(expected)]
  return form === undefined ? '' : `; write ${form}`
}
