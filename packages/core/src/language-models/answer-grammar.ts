/**
 * Answer grammar: the grammar of llama.cpp for a schema of answers. The grammar of the runtime's own library lets integers
 * have an exponent (`1e-3`), numbers be infinite (`1e999`), and texts have halves of a surrogate pair, which no reader of
 * UTF-8 accepts.
 */
import type { AnswerSchema } from '@skerry/contract/language-models/answer-schema'

/** [GBNF] Rules that all schemas share. A class of characters has code points, not bytes. */
const SHARED = [
  'space ::= [ ]?',
  'comma ::= space "," space',
  'hex ::= [0-9a-fA-F]',
  // The escapes of surrogates begin with d8 to df.
  String.raw`escape ::= ["\\/bfnrt] | "u" ([0-9a-ce-fA-CE-F] hex hex hex | [dD] [0-7] hex hex)`,
  String.raw`char ::= [\x20-\x21\x23-\x5B\x5D-\x7E\u0080-\uD7FF\uE000-\U0010FFFF] | "\\" escape`,
  // Fifteen digits are exact in all readers of JSON, and two digits of an exponent are finite.
  'integer ::= "-"? ("0" | [1-9] [0-9]{0,14})',
  'number ::= integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
  'boolean ::= "true" | "false"',
  'null ::= "null"',
]

/** The text of the grammar, whose first rule is the answer. */
export function answerGrammar(schema: AnswerSchema): string {
  const rules: string[] = []
  const root = ruleOf(schema, rules)
  return [`root ::= ${root}`, ...rules, ...SHARED].join('\n')
}

/** The name of a rule for this part. Rules that it needs are added. */
function ruleOf(schema: AnswerSchema, rules: string[]): string {
  if (!('enum' in schema) && !('const' in schema) && isShared(schema.type)) return schema.type
  const text = textOf(schema, rules)
  const name = `part-${rules.length}`
  rules.push(`${name} ::= ${text}`)
  return name
}

const isShared = (type: string) => type === 'integer' || type === 'number' || type === 'boolean' || type === 'null'

function textOf(schema: AnswerSchema, rules: string[]): string {
  if ('enum' in schema) return schema.enum.map(literal).join(' | ')
  if ('const' in schema) return literal(schema.const)
  switch (schema.type) {
    case 'string':
      return String.raw`"\"" char{${schema.minLength ?? 0},${schema.maxLength}} "\""`
    case 'array':
      return `"[" space ${itemsOf(schema, ruleOf(schema.items, rules))} space "]"`
    case 'object': {
      const fields = Object.entries(schema.properties).map(
        ([name, part]) => `${literal(name)} ":" space ${ruleOf(part, rules)}`,
      )
      return `"{" space ${fields.join(' comma ')} space "}"`
    }
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return schema.type
  }
}

function itemsOf({ minItems = 0, maxItems }: { minItems?: number | undefined; maxItems: number }, item: string) {
  const others = `${item} (comma ${item}){${Math.max(0, minItems - 1)},${maxItems - 1}}`
  return minItems === 0 ? `(${others})?` : others
}

/** The JSON of a value as a literal of the grammar. Schemas have no control characters. */
const literal = (value: unknown) => `"${JSON.stringify(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
